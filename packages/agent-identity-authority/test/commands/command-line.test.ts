import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runCommand, startServeProcess } from '../support/serve-process.js';

const adminToken = 'admin-token-for-the-command-line-0123456789';
const masterKey = Buffer.alloc(32, 7).toString('base64');
const account = ['--account-id', 'account-1', '--user-id', 'user-1', '--plan-type', 'business'];

/** A running authority in memory, and commands that speak to it. */
async function withServer() {
  const served = await startServeProcess(['--store', 'memory:'], { AIA_ADMINISTRATORS_TOKEN: adminToken });
  const folder = await temporaryFolder();
  const environment = { AIA_URL: served.url, AIA_ADMINISTRATORS_TOKEN: adminToken };
  const command = (...words: string[]) => runCommand(words, { environment, cwd: folder });
  return { ...served, folder, command };
}

describe('commands that speak to a running authority', () => {
  it('issue, revoke, rotate and verify the audit log', async () => {
    const { url, folder, command } = await withServer();
    const issued = await command('issue', ...account, '--email', 'a@example.com', '--out', 'agent.jwt');
    expect(issued).toMatchObject({ code: 0, stderr: '' });
    const about = JSON.parse(issued.stdout);
    expect(Object.keys(about)).toEqual(['agent_runtime_id', 'expires_at']);
    const jwt = (await readFile(join(folder, 'agent.jwt'), 'utf8')).trim();
    const keySet = async () =>
      (await (await fetch(`${url}/agent-identities/jwks`)).json()) as { keys: { kid: string }[] };
    const kids = async () => (await keySet()).keys.map(({ kid }) => kid);
    const claims = await verifyAgentIdentityJwt(jwt, { jwks: localJwks(await keySet()) });
    expect(claims).toMatchObject({
      agent_runtime_id: about.agent_runtime_id,
      email: 'a@example.com',
      plan_type: 'business',
    });

    const rotated = await command('rotate', '--activate-after-seconds', '900');
    expect(rotated.code).toBe(0);
    expect(await kids()).toContain(JSON.parse(rotated.stdout).kid);
    const last = JSON.parse((await command('rotate', '--compromised')).stdout);
    expect(await kids()).toEqual([last.kid]);

    expect(await command('revoke', about.agent_runtime_id)).toMatchObject({ code: 0, stdout: '' });
    expect(await command('revoke', about.agent_runtime_id, '--task', 'task-1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('task_not_found'),
    });
    const audit = await command('audit', 'verify');
    expect(audit.code).toBe(0);
    const report = JSON.parse(audit.stdout);
    expect(report).toMatchObject({ intact: true, entries: 5 });
    const checkpoint = (hash: string) =>
      command('audit', 'verify', '--checkpoint', `${report.head.sequence}:${hash}`);
    expect((await checkpoint(report.head.hash)).code).toBe(0);
    expect(await checkpoint('0'.repeat(64))).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"intact": false'),
      stderr: expect.stringContaining('audit_log_broken'),
    });
  });

  it('print a JWT only where no file is named, and never write over a file', async () => {
    const { folder, command } = await withServer();
    await writeFile(join(folder, 'mine.txt'), 'mine');
    expect((await command('issue', ...account, '--out', 'mine.txt')).code).toBe(1);
    expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
    await command('issue', ...account, '--out', 'agent.jwt');
    expect((await stat(join(folder, 'agent.jwt'))).mode & 0o777).toBe(0o600);
    const { stdout } = await command('issue', ...account);
    expect(JSON.parse(stdout).jwt).toMatch(/^eyJ/);
  });

  it('say why they were refused, and nothing of the token', async () => {
    const { url } = await withServer();
    const wrong = 'a-wrong-token-for-the-command-line-0123';
    const environment = { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: wrong };
    const { code, stderr } = await runCommand(['rotate'], { environment });
    expect(code).toBe(1);
    expect(stderr).toContain('authority_refused');
    expect(stderr).toContain('invalid_access_token');
    expect(stderr).not.toContain(wrong);
  });

  it('do not send a token over plain http to another machine, nor to one that cannot be reached', async () => {
    for (const [url, error] of [
      ['http://authority.example', 'insecure_url'],
      ['http://127.0.0.1:1', 'authority_unreachable'],
    ]) {
      const environment = { AIA_URL: url as string, AIA_ADMINISTRATORS_TOKEN: adminToken };
      const { code, stderr } = await runCommand(['rotate'], { environment });
      expect(code).not.toBe(0);
      expect(stderr).toContain(error);
    }
  });

  it('ask for a token where there is none', async () => {
    const { code, stderr } = await runCommand(['rotate', '--url', 'https://authority.example']);
    expect(code).toBe(2);
    expect(stderr).toContain('administrators.tokenFile');
  });
});

describe('commands that open the store themselves', () => {
  it('work on a PGlite folder, one after the other, and what they did is there', async () => {
    const cwd = await temporaryFolder();
    const command = (...words: string[]) =>
      runCommand(words, { cwd, environment: { AIA_MASTER_KEY: masterKey } });
    const { agent_runtime_id: id } = JSON.parse((await command('issue', ...account)).stdout);
    expect(await command('revoke', id)).toMatchObject({ code: 0, stderr: `Revoked ${id}.\n` });
    const { stdout } = await command('audit', 'verify');
    expect(JSON.parse(stdout)).toMatchObject({ intact: true, entries: 3 });
    expect((await stat(join(cwd, 'agent-identity-authority'))).isDirectory()).toBe(true);
  });

  it('go on after a change of the master key, as long as they have the one from before', async () => {
    const cwd = await temporaryFolder();
    const command = (environment: Record<string, string>) =>
      runCommand(['issue', ...account], { cwd, environment });
    await writeFile(join(cwd, 'old.key'), `${masterKey}\n`);
    await writeFile(join(cwd, 'new.key'), `${Buffer.alloc(32, 8).toString('base64')}\n`);
    expect((await command({ AIA_MASTER_KEY_FILE: 'old.key' })).code).toBe(0);
    expect(await command({ AIA_MASTER_KEY_FILE: 'new.key' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('wrong_master_key'),
    });
    const both = { AIA_MASTER_KEY_FILE: 'new.key', AIA_OTHER_MASTER_KEY_FILES: 'old.key' };
    expect((await command(both)).code).toBe(0);
  });

  it('do not open a folder that a server has, and say what to do', async () => {
    const cwd = await temporaryFolder();
    const store = `pglite:${join(cwd, 'store')}`;
    await startServeProcess(['--store', store], { AIA_MASTER_KEY: masterKey });
    const environment = { AIA_MASTER_KEY: masterKey, AIA_STORE: store };
    const { code, stderr } = await runCommand(['issue', ...account], { environment });
    expect(code).toBe(1);
    expect(stderr).toContain('store_in_use');
    expect(stderr).toContain('--url');
  });

  it.each([
    ['no master key', {}, 'master_key_required'],
    ['a short one', { AIA_MASTER_KEY: 'aHVudGVyMg==' }, 'invalid_configuration'],
    [
      'what is no base64',
      { AIA_MASTER_KEY: 'hunter2-hunter2-hunter2-hunter2-hunter2-hunt' },
      'invalid_configuration',
    ],
    ['a file that is not there', { AIA_MASTER_KEY_FILE: '/nowhere/key' }, 'invalid_configuration'],
    [
      'two of them',
      { AIA_MASTER_KEY: masterKey, AIA_MASTER_KEY_FILE: '/nowhere/key' },
      'invalid_configuration',
    ],
  ])('are not run with %s', async (_what, environment: Record<string, string>, error) => {
    const { code, stderr } = await runCommand(['audit', 'verify'], {
      environment,
      cwd: await temporaryFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain(error);
    expect(stderr).not.toMatch(/hunter2|aHVudGVy/);
  });
});

it('copy copies a store into another one and prints where the audit log of both ends', async () => {
  const folder = await temporaryFolder();
  const [from, to] = [`pglite:${join(folder, 'from')}`, `pglite:${join(folder, 'to')}`];
  const environment = { AIA_STORE: from, AIA_MASTER_KEY: masterKey };
  const run = (...words: string[]) => runCommand(words, { environment });
  expect((await run('issue', ...account)).code).toBe(0);
  const { code, stdout, stderr } = await run('copy', '--to', to);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const verified = await runCommand(['audit', 'verify'], { environment: { ...environment, AIA_STORE: to } });
  expect(JSON.parse(verified.stdout)).toMatchObject({ intact: true, head: JSON.parse(stdout) });
});

describe('the help', () => {
  it.each([
    [['--help'], ['serve', 'issue', 'revoke', 'rotate', 'audit', 'config', 'Exit codes']],
    [
      ['serve', '--help'],
      ['openssl rand', '--limits-connections <number>', '[AIA_PORT]', 'Default: 8787', 'Examples:'],
    ],
    [
      ['issue', '--help'],
      ['--out <file>', 'codex login status'],
    ],
    [
      ['revoke', '--help'],
      ['--task <task_id>', 'forever'],
    ],
    [
      ['rotate', '--help'],
      ['--compromised', '--activate-after-seconds'],
    ],
    [
      ['audit', 'verify', '--help'],
      ['--checkpoint', 'Example:'],
    ],
    [['config', 'show', '--help'], ['where each setting comes from']],
  ])('of %j teaches', async (words, phrases) => {
    const { code, stdout } = await runCommand(words);
    expect(code).toBe(0);
    for (const phrase of phrases) expect(stdout).toContain(phrase);
  });

  it.each([
    [['sevre']],
    [['issue']],
    [['serve', '--prot', '1']],
    [['rotate', '--overlap-seconds', '-1']],
    [['audit', 'verify', '--checkpoint', 'x']],
  ])('is pointed to by %j, which is asked wrongly', async (words) => {
    const { code, stderr } = await runCommand(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/error: /);
  });
});

it('config show prints every setting without secrets, and fails where they do not fit', async () => {
  const environment = { AIA_ADMINISTRATORS_TOKEN: adminToken, AIA_STORE: 'postgres://a:hunter2@db/x' };
  const { code, stdout } = await runCommand(['config', 'show', '--port', '1'], { environment });
  expect(code).toBe(0);
  expect(stdout).toContain('port = 1 # flag');
  expect(stdout).toContain('# token is set (environment)');
  expect(stdout).not.toMatch(new RegExp(`hunter2|${adminToken}`));
  expect(await runCommand(['config', 'show', '--port', 'x'])).toMatchObject({ code: 2, stdout: '' });
});

it('serve does not start where it would be open: development tokens on a public address', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'agents.toml');
  await writeFile(
    file,
    '[[tokens]]\ntoken = "hunter2-hunter2-hunter2"\naccount = { accountId = "a", chatgptUserId = "u" }\n',
  );
  const words = [
    'serve',
    '--store',
    'memory:',
    '--host',
    '0.0.0.0',
    '--port',
    '0',
    '--agents-tokens-file',
    file,
  ];
  const { code, stderr } = await runCommand(words);
  expect(code).toBe(2);
  expect(stderr).toContain('unsafe_configuration');
  expect(stderr).not.toContain('hunter2');
});
