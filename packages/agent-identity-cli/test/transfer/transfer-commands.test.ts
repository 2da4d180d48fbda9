import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

/** An identity as a JWT and as a record, and a program whose login is empty. */
async function scene() {
  const { environment: urls, issue } = await startAuthority();
  const { agent_runtime_id: id, jwt } = await issue();
  const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt));
  const folder = await temporaryFolder();
  const environment = { ...urls, CODEX_HOME: join(folder, 'codex') };
  const run = (words: readonly string[], input = '') => runProgram(words, { environment, input });
  return { id, jwt, record, folder, run, authFile: join(folder, 'codex', 'auth.json') };
}

describe('import', () => {
  it('writes each identity to a file of its own, whatever their ids are', async () => {
    const { record, run, folder } = await scene();
    const ids = ['identity-2', '../x', 'IDENTITY-2', 'a', 'A', '../x'];
    const records = ids.map((agent_runtime_id) => ({ ...record, agent_runtime_id }));
    const out = join(folder, 'out');
    const { code } = await run(['import', '--out', out], JSON.stringify(records));
    expect([code, (await readdir(out)).length]).toEqual([0, ids.length]);
    expect(new Set((await readdir(out)).map((name) => name.toLowerCase())).size).toBe(ids.length);
  });

  it('refuses an input that is too long', async () => {
    const { run } = await scene();
    const { code, stderr } = await run(['import'], ' '.repeat(12 * 1024 * 1024));
    expect([code, stderr.includes('at most')]).toEqual([7, true]);
  });

  it('finds identities in whatever wrapping, says what they are, and reveals none', async () => {
    const { id, jwt, record, run } = await scene();
    const texts = [
      [`${jwt}\r\n`, [['jwt', '']]],
      [`\uFEFF${JSON.stringify(record)}`, [['record', '']]],
      [
        JSON.stringify({ auth_mode: 'agentIdentity', agent_identity: record }),
        [['record', 'agent_identity']],
      ],
      [
        JSON.stringify({
          accounts: [
            { name: 'a', identity: jwt },
            { tokens: {}, identity: { record } },
          ],
        }),
        [
          ['jwt', 'accounts[0].identity'],
          ['record', 'accounts[1].identity.record'],
        ],
      ],
      [
        `${jwt}\n${JSON.stringify(record)}\n`,
        [
          ['jwt', 'line 1'],
          ['record', 'line 2'],
        ],
      ],
    ] as const;
    for (const [text, expected] of texts) {
      const { code, stdout } = await run(['import', '--json'], text);
      expect(code).toBe(0);
      const { identities } = JSON.parse(stdout);
      expect(identities.map(({ form, place }: { form: string; place: string }) => [form, place])).toEqual(
        expected,
      );
      expect(identities[0]).toMatchObject({ agent_runtime_id: id, account_id: 'account-1' });
      expect(stdout).not.toContain(record.agent_private_key);
      expect(stdout).not.toContain(jwt.slice(40, 120));
    }
  });

  it('writes each identity to a file of its own, which other commands take', async () => {
    const { id, jwt, record, folder, run } = await scene();
    const out = join(folder, 'identities');
    const odd = { ...record, agent_runtime_id: '../../evil' };
    const file = await temporaryFile(JSON.stringify([jwt, record, odd, { ...record, account_id: '' }]));
    const { code, stdout } = await run(['import', file, '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toContain('not usable');
    expect((await readdir(out)).sort()).toEqual([`${id}.jwt`, 'identity-2.json', 'identity-3.json'].sort());
    expect((await stat(out)).mode & 0o777).toBe(0o700);
    expect((await stat(join(out, 'identity-2.json'))).mode & 0o777).toBe(0o600);
    expect((await run(['header', '--jwt-file', join(out, `${id}.jwt`)])).code).toBe(0);
    expect((await run(['login', '--record-file', join(out, 'identity-2.json')])).code).toBe(0);
  });

  it('writes nothing if one of the files exists', async () => {
    const { id, jwt, record, folder, run } = await scene();
    const out = join(folder, 'identities');
    await mkdir(out);
    await writeFile(join(out, 'identity-2.json'), 'mine');
    const { code, stderr } = await run(['import', '--out', out], JSON.stringify([jwt, record]));
    expect([code, stderr]).toEqual([7, expect.stringContaining('it exists')]);
    expect(await readdir(out)).toEqual(['identity-2.json']);
    expect(stderr).not.toContain(id);
  });

  it.each([
    ['other text', 'got none'],
    ['{"agent_private_key":"hunter2"}', 'agent_runtime_id'],
    ['eyJhbGciOiJub25lIn0.eyJhZ2VudF9wcml2YXRlX2tleSI6Imh1bnRlcjIifQ.x', 'agent_runtime_id'],
  ])('says that it found none in %j', async (text, reason) => {
    const { code, stderr } = await runProgram(['import'], { input: text });
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    expect(stderr).not.toContain('hunter2');
  });
});

describe('export', () => {
  it('writes the login in each form, and login takes it back', async () => {
    const { id, jwt, record, folder, run, authFile } = await scene();
    await run(['login', '--jwt-file', '-'], jwt);
    const file = (name: string) => join(folder, name);
    for (const form of ['jwt', 'record', 'auth-json']) {
      const { code, stdout } = await run(['export', '--form', form, '--out', file(form)]);
      expect([code, stdout]).toEqual([0, `${form}: ${file(form)}\n`]);
      expect((await stat(file(form))).mode & 0o777).toBe(0o600);
    }
    expect(await readFile(file('jwt'), 'utf8')).toBe(`${jwt}\n`);
    expect(JSON.parse(await readFile(file('record'), 'utf8'))).toEqual(record);
    expect(JSON.parse(await readFile(file('auth-json'), 'utf8'))).toMatchObject({ agent_identity: jwt });
    await run(['logout']);
    const loggedIn = await run(['login', '--record-file', file('record'), '--json']);
    expect(JSON.parse(loggedIn.stdout)).toEqual({ agent_runtime_id: id, auth_file: authFile });
    const revealed = await run(['export', '--reveal']);
    expect(JSON.parse(revealed.stdout)).toMatchObject({ agent_private_key: record.agent_private_key });
    expect(await run(['export', '--reveal', '--form', 'jwt'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('unsupported_credentials'),
    });
  });

  it('overwrites nothing, and prints no secret unless told', async () => {
    const { jwt, folder, run } = await scene();
    expect((await run(['export', '--reveal'])).code).toBe(4);
    await run(['login', '--jwt-file', '-'], jwt);
    const mine = join(folder, 'mine');
    await writeFile(mine, 'mine');
    expect((await run(['export', '--out', mine])).code).toBe(7);
    expect(await readFile(mine, 'utf8')).toBe('mine');
    for (const words of [[], ['--reveal', '--out', join(folder, 'x')], ['--reveal', '--form', 'pem']]) {
      const { code, stdout } = await run(['export', ...words]);
      expect([code, stdout]).toEqual([2, '']);
    }
  });
});
