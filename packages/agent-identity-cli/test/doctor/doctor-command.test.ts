import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { closedOrigin, listenOnLoopback, temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';
import { startService } from '../support/start-service.js';

/** A login in auth.json, as the Codex client writes it. */
async function loggedIn() {
  const authority = await startAuthority();
  const { agent_runtime_id, jwt } = await authority.issue();
  const CODEX_HOME = await temporaryFolder();
  const authFile = join(CODEX_HOME, 'auth.json');
  const write = (identity: unknown) =>
    writeFile(authFile, JSON.stringify({ auth_mode: 'agentIdentity', agent_identity: identity }), {
      mode: 0o600,
    });
  await write(jwt);
  const environment: Record<string, string> = { ...authority.environment, CODEX_HOME };
  return { ...authority, agent_runtime_id, jwt, authFile, write, environment };
}

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
  readonly exit_code?: number;
}

async function examine(environment: Record<string, string>, words: readonly string[] = []) {
  const { code, stdout, stderr } = await runProgram(['doctor', '--json', ...words], { environment });
  expect(stderr).toBe('');
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { code, findings, problems: findings.filter(({ ok }) => !ok), stdout };
}

describe('doctor', () => {
  it('finds nothing wrong with a login that works, and sends a signed request', async () => {
    const { environment, agent_runtime_id, jwt } = await loggedIn();
    const service = await startService();
    const { code, findings, stdout } = await examine(environment, [
      '--url',
      `${service.origin}/v1/models?key=hunter2`,
    ]);
    expect([code, findings.map(({ check, ok }) => [check, ok])]).toEqual([
      0,
      [
        ['permissions', true],
        ['login', true],
        ['store', true],
        ['identity', true],
        ['task', true],
        ['request', true],
        ['clock', true],
      ],
    ]);
    expect(findings.find(({ check }) => check === 'task')?.message).toContain(agent_runtime_id);
    expect(service.seen).toMatchObject([{ url: '/v1/models?key=hunter2', isSigned: true }]);
    expect(stdout).not.toContain('hunter2');
    expect(stdout).not.toContain(jwt);
  });

  it('refuses what is no URL, before it registers anything', async () => {
    const { environment } = await loggedIn();
    expect((await runProgram(['doctor', '--url', 'models'], { environment })).code).toBe(2);
  });

  it('says which credentials win', async () => {
    const { environment, jwt, authFile } = await loggedIn();
    const { findings } = await examine({ ...environment, CODEX_ACCESS_TOKEN: jwt });
    expect(findings.find(({ check }) => check === 'login')?.message).toBe(
      `agentIdentityJwt of CODEX_ACCESS_TOKEN; it wins over the login in ${authFile}`,
    );
  });

  it('says how to log in', async () => {
    const { environment } = await loggedIn();
    const { code, problems } = await examine({ ...environment, CODEX_HOME: await temporaryFolder() });
    expect(code).toBe(4);
    expect(problems).toMatchObject([
      {
        check: 'login',
        code: 'no_credentials',
        remedy: expect.stringContaining('codex login'),
        exit_code: 4,
      },
    ]);
  });

  it('finds an auth.json that others can read, and goes on', async () => {
    const { environment, authFile } = await loggedIn();
    await chmod(authFile, 0o644);
    const { code, problems, findings } = await examine(environment);
    expect([code, problems.map(({ code: problem }) => problem)]).toEqual([7, ['unsafe_permissions']]);
    expect(problems[0]?.remedy).toContain('chmod 600');
    expect(findings.find(({ check }) => check === 'task')?.ok).toBe(true);
  });

  it('finds a damaged JWT', async () => {
    const { environment, write, jwt } = await loggedIn();
    await write(jwt.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).replace(/\.[^.]{4}/, '.AAAA'));
    const { code, problems, stdout } = await examine(environment);
    expect(code).not.toBe(0);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.remedy).not.toContain('See the message');
    expect(stdout).not.toContain(jwt.slice(40, 200));
  });

  it('finds an authority that cannot be reached', async () => {
    const { environment } = await loggedIn();
    const CODEX_AGENT_IDENTITY_JWKS_BASE_URL = await closedOrigin();
    const { code, problems } = await examine({ ...environment, CODEX_AGENT_IDENTITY_JWKS_BASE_URL });
    expect(code).toBe(6);
    expect(problems).toMatchObject([{ check: 'identity', code: 'jwks_unavailable' }]);
  });

  it('finds an identity that was revoked', async () => {
    const { environment, revoke, agent_runtime_id } = await loggedIn();
    await revoke(agent_runtime_id);
    const { code, problems } = await examine(environment);
    expect(code).toBe(5);
    expect(problems).toMatchObject([{ check: 'identity', remedy: expect.stringContaining('new identity') }]);
  });

  it('finds a clock that is wrong by the time of a server', async () => {
    const { environment } = await loggedIn();
    const date = new Date(Date.now() + 600_000).toUTCString();
    const url = await listenOnLoopback(
      createServer((_request, response) => response.setHeader('date', date).end('hello')),
    );
    const { code, problems } = await examine(environment, ['--url', url]);
    expect(code).toBe(8);
    expect(problems).toMatchObject([{ check: 'clock', code: 'clock_wrong' }]);
    expect(problems[0]?.message).toMatch(/(?:59|60)\d s behind 127\.0\.0\.1/);
  });

  it('finds a service that refuses the agent', async () => {
    const { environment } = await loggedIn();
    const service = await startService((_seen, response) =>
      response.writeHead(403).end('{"error":{"code":"account_mismatch"}}'),
    );
    const { code, problems } = await examine(environment, ['--url', service.origin]);
    expect(code).toBe(5);
    expect(problems[0]?.message).toContain('status 403, account_mismatch');
  });

  it('finds a mistake in config.toml', async () => {
    const { environment } = await loggedIn();
    await writeFile(
      join(`${environment['CODEX_HOME']}`, 'config.toml'),
      'cli_auth_credentials_store = "disk"\n',
    );
    const { code, problems } = await examine(environment);
    expect([code, problems[0]?.code]).toEqual([8, 'invalid_config']);
  });

  it('examines the identity in a file, and prints lines for people', async () => {
    const { environment, jwt } = await loggedIn();
    const file = await temporaryFile(jwt);
    await chmod(file, 0o600);
    const { code, stdout } = await runProgram(['doctor', '--jwt-file', file], { environment });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {7}permissions {2}.*\nok {7}identity {5}.*\nok {7}task {9}.*\nok {7}clock/);
  });
});
