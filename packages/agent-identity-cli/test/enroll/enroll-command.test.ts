import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closedOrigin, temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

async function scene() {
  const authority = await startAuthority();
  const folder = await temporaryFolder();
  const environment = { ...authority.environment, CODEX_HOME: join(folder, 'codex') };
  const run = (words: readonly string[], input = '') => runProgram(words, { environment, input });
  const status = async () => {
    const { enrollment_tokens: tokens } = (await authority.show('/v1/admin/enrollment-tokens')) as {
      enrollment_tokens: { status: string }[];
    };
    return tokens.map((token) => token.status);
  };
  return { ...authority, folder, run, status, authFile: join(folder, 'codex', 'auth.json') };
}

describe('enroll', () => {
  it('makes a key, registers it, and leaves a login that signs', async () => {
    const { run, authFile, enrollmentToken, show } = await scene();
    const token = await enrollmentToken({ capabilities: ['repository:read'] });
    const words = ['enroll', '--token-file', '-', '--capability', 'repository:read', 'repository:write'];
    const { code, stdout, stderr } = await run([...words, '--json'], `${token}\n`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { agent_runtime_id, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ account_id: 'account-1', file: authFile });
    expect((await stat(authFile)).mode & 0o777).toBe(0o600);
    expect(await show(`/v1/admin/agents/${agent_runtime_id}`)).toMatchObject({
      account_id: 'account-1',
      capabilities: ['repository:read'],
      abom: { agent_harness_id: 'agent-identity', running_location: 'cli-linux' },
    });
    expect((await run(['header'])).stdout).toMatch(/^Authorization: AgentAssertion /);
    expect((await run(['doctor'])).code).toBe(0);
  });

  it('writes a record instead, and nothing else', async () => {
    const { run, folder, enrollmentToken } = await scene();
    const file = await temporaryFile(await enrollmentToken());
    const out = join(folder, 'record.json');
    expect((await run(['enroll', '--token-file', file, '--out', out])).code).toBe(0);
    expect(await readdir(folder)).toEqual(['record.json']);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect((await run(['header', '--record-file', out])).stdout).toMatch(/^Authorization: AgentAssertion /);
  });

  it('spends no token for an identity that cannot be kept', async () => {
    const { run, folder, authFile, enrollmentToken, status } = await scene();
    const token = await enrollmentToken();
    const out = join(folder, 'mine.json');
    await writeFile(out, 'mine');
    for (const path of [out, join(folder, 'nowhere', 'record.json')]) {
      const { code, stderr } = await run(['enroll', '--token-file', '-', '--out', path], token);
      expect([code, stderr]).toEqual([7, expect.stringContaining('unwritable_file')]);
    }
    expect(await readFile(out, 'utf8')).toBe('mine');
    expect(await status()).toEqual(['unused']);
    expect((await run(['enroll', '--token-file', '-'], token)).code).toBe(0);
    const login = await readFile(authFile, 'utf8');
    const second = await enrollmentToken();
    const refused = await run(['enroll', '--token-file', '-'], second);
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('already_logged_in')]);
    expect(await readFile(authFile, 'utf8')).toBe(login);
    expect(await status()).toEqual(['unused', 'used']);
  });

  it('leaves nothing behind when it is refused', async () => {
    const { run, folder, enrollmentToken } = await scene();
    const token = await enrollmentToken();
    const out = join(folder, 'record.json');
    await run(['enroll', '--token-file', '-', '--out', out], token);
    for (const [words, input] of [
      [[], token],
      [[], `aie_${'a'.repeat(43)}`],
      [[], 'two words'],
      [[], ''],
      [['--authapi-base-url', await closedOrigin()], token],
      [['--authapi-base-url', 'http://192.0.2.1'], token],
    ] as const) {
      const other = join(folder, 'other.json');
      const { code, stderr } = await run(['enroll', '--token-file', '-', '--out', other, ...words], input);
      expect(code).not.toBe(0);
      expect(stderr).not.toContain(token);
      expect(await readdir(folder)).toEqual(['record.json']);
    }
  });

  it('says that it needs an authority', async () => {
    const { code, stderr } = await runProgram(['enroll', '--token-file', '-', '--out', '/nonexistent/x'], {
      input: 'token',
    });
    expect([code, stderr]).toEqual([7, expect.stringContaining('unwritable_file')]);
    const out = join(await temporaryFolder(), 'record.json');
    const words = ['enroll', '--token-file', '-', '--out', out];
    const unset = await runProgram(words, { input: 'token' });
    expect([unset.code, unset.stderr]).toEqual([2, expect.stringContaining('--authapi-base-url')]);
  });
});
