import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

async function scene() {
  const { environment: urls, issue } = await startAuthority();
  const { agent_runtime_id, jwt } = await issue();
  const CODEX_HOME = join(await temporaryFolder(), 'codex');
  const environment = { ...urls, CODEX_HOME };
  const run = (words: readonly string[], input = '') => runProgram(words, { environment, input });
  return { agent_runtime_id, jwt, run, authFile: join(CODEX_HOME, 'auth.json') };
}

describe('login and logout', () => {
  it('write a verified JWT where the other commands find it, and delete it again', async () => {
    const { agent_runtime_id, jwt, run, authFile } = await scene();
    const { code, stdout, stderr } = await run(['login', '--jwt-file', '-'], `${jwt}\n`);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `Logged in as ${agent_runtime_id}: ${authFile}\n`,
      stderr: '',
    });
    expect((await stat(authFile)).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await run(['status', '--json'])).stdout)).toMatchObject({ agent_runtime_id });
    expect((await run(['header'])).stdout).toMatch(/^Authorization: AgentAssertion /);
    expect(JSON.parse((await run(['logout', '--json'])).stdout)).toEqual({ deleted: authFile });
    await expect(stat(authFile)).rejects.toThrow('ENOENT');
    expect((await run(['logout'])).code).toBe(4);
  });

  it('write a record', async () => {
    const { agent_runtime_id, jwt, run } = await scene();
    const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt));
    const file = await temporaryFile(JSON.stringify(record));
    expect(JSON.parse((await run(['login', '--record-file', file, '--json'])).stdout)).toMatchObject({
      agent_runtime_id,
    });
    expect((await run(['doctor'])).code).toBe(0);
  });

  it('replace no login, and keep its bytes', async () => {
    const { jwt, run, authFile } = await scene();
    await run(['login', '--jwt-file', '-'], jwt);
    const before = await readFile(authFile, 'utf8');
    const { code, stderr } = await run(['login', '--jwt-file', '-'], jwt);
    expect([code, stderr]).toEqual([7, expect.stringContaining('already_logged_in')]);
    expect(await readFile(authFile, 'utf8')).toBe(before);
  });

  it('touch no file where the client keeps its login elsewhere', async () => {
    const { jwt, run, authFile } = await scene();
    await mkdir(dirname(authFile));
    await writeFile(join(dirname(authFile), 'config.toml'), 'cli_auth_credentials_store = "ephemeral"\n');
    const { code, stderr } = await run(['login', '--jwt-file', '-'], jwt);
    expect([code, stderr]).toEqual([4, expect.stringContaining('unsupported_store')]);
    await expect(stat(authFile)).rejects.toThrow('ENOENT');
  });

  it('delete another kind of login only if told so', async () => {
    const { jwt, run, authFile } = await scene();
    await run(['login', '--jwt-file', '-'], jwt);
    await writeFile(authFile, JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-hunter2' }));
    const refused = await run(['logout']);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('--any-login')]);
    expect(refused.stderr).not.toContain('hunter2');
    expect((await run(['logout', '--any-login'])).code).toBe(0);
    await expect(stat(authFile)).rejects.toThrow('ENOENT');
  });

  it('write nothing that is not valid', async () => {
    const { jwt, run, authFile } = await scene();
    const forged = jwt.replace(/[^.]{8}$/, 'AAAAAAAA');
    for (const [words, input, code] of [
      [['--jwt-file', '-'], forged, 3],
      [['--jwt-file', '-'], 'no jwt', 2],
      [['--record-file', '-'], '{"agent_runtime_id":"agent-1"}', 2],
      [['--record-file', '-'], 'no json', 2],
      [[], '', 2],
      [['--jwt-file', '-', '--record-file', '-'], jwt, 2],
    ] as const) {
      const result = await run(['login', ...words], input);
      expect(result.code).toBe(code);
      expect(result.stderr).not.toContain(jwt.slice(40, 120));
    }
    await expect(stat(authFile)).rejects.toThrow('ENOENT');
  });
});
