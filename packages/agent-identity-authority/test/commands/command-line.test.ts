import { execFile } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateAgentKey } from 'agent-identity-core';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { closedOrigin, registrationBody, temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../dist/commands/run-command-line.js';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { runCommand, runProgram, runShell } from '../support/run-program.js';
import { packageFile, serverAdminToken, startServer } from '../support/start-server.js';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const account = ['--account-id', 'account-1', '--user-id', 'user-1', '--plan-type', 'business'];

/** A running authority in memory, and commands that call it. */
async function startTarget() {
  const { url } = await startServer();
  const folder = await temporaryFolder();
  const environment = { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken };
  return { url, folder, run: (...words: string[]) => runCommand(words, environment) };
}

describe('commands with --url', () => {
  it('issue, revoke, rotate and verify the audit log', async () => {
    const { url, folder, run } = await startTarget();
    const file = join(folder, 'agent.jwt');
    const issued = await run('issue', ...account, '--email', 'a@example.com', '--out', file);
    expect(issued).toMatchObject({ code: 0, stderr: '' });
    const about = JSON.parse(issued.stdout);
    expect(Object.keys(about)).toEqual(['agent_runtime_id', 'expires_at']);
    const jwt = (await readFile(file, 'utf8')).trim();
    const keySet = async () =>
      (await (await fetch(`${url}/agent-identities/jwks`)).json()) as { keys: { kid: string }[] };
    const kids = async () => (await keySet()).keys.map(({ kid }) => kid);
    const claims = await verifyAgentIdentityJwt(jwt, { jwks: localJwks(await keySet()) });
    expect(claims).toMatchObject({
      agent_runtime_id: about.agent_runtime_id,
      email: 'a@example.com',
      plan_type: 'business',
    });

    const rotated = await run('keys', 'rotate', '--json', '--activate-after-seconds', '900');
    expect(rotated.code).toBe(0);
    expect(await kids()).toContain(JSON.parse(rotated.stdout).kid);
    const last = JSON.parse((await run('keys', 'rotate', '--compromised', '--json')).stdout);
    expect(await kids()).toEqual([last.kid]);

    expect(await run('revoke', about.agent_runtime_id)).toMatchObject({ code: 0, stdout: '' });
    expect(await run('revoke', about.agent_runtime_id, '--task', 'task-1')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('task_not_found'),
    });
    const audit = await run('audit', 'verify');
    expect(audit.code).toBe(0);
    const report = JSON.parse(audit.stdout);
    expect(report).toMatchObject({ intact: true, entries: 5 });
  });

  it('suspend stops an agent until resume', async () => {
    const { url, run } = await startTarget();
    const { agent_runtime_id: id } = JSON.parse((await run('issue', ...account)).stdout);
    const statusOf = async () => {
      const headers = { authorization: `Bearer ${serverAdminToken}` };
      const response = await fetch(`${url}/v1/admin/agents/${id}`, { headers });
      return ((await response.json()) as { status: string }).status;
    };
    expect(await run('suspend', id)).toMatchObject({ code: 0, stdout: '', stderr: `Suspended ${id}.\n` });
    expect(await statusOf()).toBe('suspended');
    expect(await run('resume', id)).toMatchObject({ code: 0, stdout: '', stderr: `Resumed ${id}.\n` });
    expect(await statusOf()).toBe('active');
    for (const command of ['suspend', 'resume']) {
      expect(await run(command, 'agent-of-nobody')).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('agent_runtime_not_found'),
      });
    }
  });

  it('issue and enroll take a name, an owner and labels', async () => {
    const { url, run } = await startTarget();
    const words = ['--name', 'nightly build', '--owner', 'team-search', '--label', 'team=search', 'env=a=b'];
    const { agent_runtime_id: id } = JSON.parse((await run('issue', ...account, ...words)).stdout);
    const headers = { authorization: `Bearer ${serverAdminToken}` };
    const shown = await (await fetch(`${url}/v1/admin/agents/${id}`, { headers })).json();
    const labels = { team: 'search', env: 'a=b' };
    expect(shown).toMatchObject({ name: 'nightly build', owner: 'team-search', labels });
    expect(await run('enroll', ...account, ...words)).toMatchObject({ code: 0 });
    expect(await run('issue', ...account, '--label', 'team')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a label such as team=search'),
    });
  });

  it('issue grants the capabilities that it names', async () => {
    const { url, run } = await startTarget();
    const { stdout } = await run('issue', ...account, '--capability', 'repository:read', 'repository:write');
    const { agent_runtime_id: id } = JSON.parse(stdout);
    const response = await fetch(`${url}/v1/admin/agents/${id}`, {
      headers: { authorization: `Bearer ${serverAdminToken}` },
    });
    expect(await response.json()).toMatchObject({ capabilities: ['repository:read', 'repository:write'] });
    expect(await run('issue', ...account, '--capability', 'two words')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('capabilities'),
    });
  });

  it('enroll prints a token that registers one agent; enrollments lists and revokes it', async () => {
    const { url, run } = await startTarget();
    const enrolled = await run('enroll', ...account, '--capability', 'repository:read', '--ttl', '2h');
    expect(enrolled).toMatchObject({ code: 0, stderr: '' });
    const { enrollment_token_id: id, token, expires_at: expiresAt } = JSON.parse(enrolled.stdout);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(7_100_000);
    const response = await fetch(`${url}/v1/agent/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(registrationBody(generateAgentKey().publicKey.ssh)),
    });
    expect(response.status).toBe(200);
    const listed = await run('enrollments', 'list', '--limit', '1');
    expect(listed.stdout).not.toContain(token);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      enrollment_tokens: [{ enrollment_token_id: id, status: 'used', capabilities: ['repository:read'] }],
    });
    const revoked = await run('enrollments', 'revoke', id);
    expect(JSON.parse(revoked.stdout)).toMatchObject({
      enrollment_token_id: id,
      revoked_at: expect.any(String),
    });
    expect(await run('enrollments', 'revoke', 'enrollment-2')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('enrollment_token_not_found'),
    });
  });

  it('enroll --out writes the token alone to a new file, and prints the rest', async () => {
    const { run, folder } = await startTarget();
    const path = join(folder, 'token');
    const { code, stdout } = await run('enroll', ...account, '--out', path);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      enrollment_token_id: expect.stringMatching(/^enrollment-/),
      expires_at: expect.any(String),
    });
    expect(await readFile(path, 'utf8')).toMatch(/^\S{20,}\n$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    // Another token does not overwrite it.
    expect(await run('enroll', ...account, '--out', path)).toMatchObject({ stdout: '' });
  });

  it.each(['10', 'm', '1.5h', '-1m', '10 m'])('enroll refuses --ttl %s', async (ttl) => {
    const { run } = await startTarget();
    expect(await run('enroll', ...account, `--ttl=${ttl}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected a duration'),
    });
  });

  it('print a JWT only without --out, and never overwrite a file', async () => {
    const { folder, run } = await startTarget();
    await writeFile(join(folder, 'mine.txt'), 'mine');
    expect((await run('issue', ...account, '--out', join(folder, 'mine.txt'))).code).toBe(1);
    expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
    await run('issue', ...account, '--out', join(folder, 'agent.jwt'));
    expect((await stat(join(folder, 'agent.jwt'))).mode & 0o777).toBe(0o600);
    const { stdout } = await run('issue', ...account);
    expect(JSON.parse(stdout).jwt).toMatch(/^eyJ/);
  });

  it('issue registers nothing if its file cannot be created', async () => {
    const { folder, run } = await startTarget();
    await writeFile(join(folder, 'mine.txt'), 'mine');
    for (const file of ['mine.txt', 'missing/agent.jwt']) {
      const { code, stderr } = await run('issue', ...account, '--out', join(folder, file));
      expect(code).toBe(1);
      expect(stderr).toMatch(/EEXIST|ENOENT/);
    }
    const { stdout } = await run('audit', 'verify');
    expect(JSON.parse(stdout).entries).toBe(1);
  });

  it('issue leaves no file if the authority refuses', async () => {
    const { folder, run } = await startTarget();
    const file = join(folder, 'agent.jwt');
    expect((await run('issue', ...account, '--lifetime-seconds', '999999', '--out', file)).code).toBe(5);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([true, false])(
    'issue revokes what it cannot write, or names it (revoking works: %s)',
    async (works) => {
      const { url } = await startServer();
      let stderr = '';
      const folder = await temporaryFolder();
      const file = join(folder, 'agent.jwt');
      const code = await runCommandLine(['issue', ...account, '--out', file], {
        environment: { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken },
        fetch: (input, init) =>
          works || !String(input).endsWith('/revoke')
            ? fetch(input, init)
            : Promise.reject(new Error('down')),
        clock: Date.now,
        isOutputTerminal: false,
        write: () => Promise.reject(new Error('write EPIPE')),
        writeError(text) {
          stderr += text;
        },
        log: { write() {} },
        waitForShutdown: async () => {},
      });
      expect(code).toBe(1);
      const id = /agent-[\w-]{36}/.exec(stderr)?.[0];
      expect(stderr).toContain(works ? `${id} was revoked` : `revoke ${id}, which is still active`);
      const headers = { authorization: `Bearer ${serverAdminToken}` };
      const answer = await fetch(`${url}/v1/admin/agents/${id}`, { headers });
      expect(await answer.json()).toMatchObject({ status: works ? 'revoked' : 'active' });
      await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );

  it('say why they were refused, without the token', async () => {
    const { url } = await startTarget();
    const wrong = 'a-wrong-token-for-the-command-line-0123';
    const { code, stderr } = await runCommand(['keys', 'rotate'], {
      AIA_URL: url,
      AIA_ADMINISTRATORS_TOKEN: wrong,
    });
    expect(code).toBe(5);
    expect(stderr).toContain('authority_refused');
    expect(stderr).toContain('invalid_access_token');
    expect(stderr).not.toContain(wrong);
  });

  it('fail for a remote host over plain http, and for a host that cannot be reached', async () => {
    const closed = await closedOrigin();
    const unreachable = `${closed}/v1/admin/signing-keys/rotate could not be reached: ECONNREFUSED`;
    for (const [url, error] of [
      ['http://authority.example', 'url: expected https:, or http: to this machine'],
      [closed, `authority_unreachable: ${unreachable}`],
    ] as const) {
      const environment = { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken };
      const { code, stderr } = await runCommand(['keys', 'rotate'], environment);
      expect(code).not.toBe(0);
      expect(stderr).toContain(error);
    }
  });

  it('require a token', async () => {
    const { code, stderr } = await runCommand(['keys', 'rotate', '--url', 'https://authority.example']);
    expect(code).toBe(2);
    expect(stderr).toContain('administrators.tokenFile');
  });
});

describe('commands without --url', () => {
  it('open the default PGlite folder one after the other, in processes of their own', async () => {
    const cwd = await temporaryFolder();
    await newPgliteFolder(join(cwd, 'agent-identity-authority'));
    const run = (...words: string[]) =>
      runProgram(words, { cwd, environment: { AIA_MASTER_KEY: masterKey } });
    const { agent_runtime_id: id } = JSON.parse((await run('issue', ...account)).stdout);
    expect(await run('revoke', id)).toMatchObject({ code: 0, stderr: `Revoked ${id}.\n` });
    const { stdout } = await run('audit', 'verify');
    expect(JSON.parse(stdout)).toMatchObject({ intact: true, entries: 3 });
    expect((await stat(join(cwd, 'agent-identity-authority'))).isDirectory()).toBe(true);
  });

  it('work after a change of the master key while they have the earlier one', async () => {
    const AIA_STORE = `pglite:${await newPgliteFolder()}`;
    const oldKey = await temporaryFile(`${masterKey}\n`);
    const newKey = await temporaryFile(`${Buffer.alloc(32, 8).toString('base64')}\n`);
    const issue = (environment: Record<string, string>) =>
      runCommand(['issue', ...account], { AIA_STORE, ...environment });
    expect((await issue({ AIA_MASTER_KEY_FILE: oldKey })).code).toBe(0);
    expect(await issue({ AIA_MASTER_KEY_FILE: newKey })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('wrong_master_key'),
    });
    const both = { AIA_MASTER_KEY_FILE: newKey, AIA_OTHER_MASTER_KEY_FILES: oldKey };
    expect((await issue(both)).code).toBe(0);
  });

  it('do not open a folder that a server has open, and suggest --url', async () => {
    const store = `pglite:${await newPgliteFolder()}`;
    await startServer({ store, masterKey });
    const environment = { AIA_MASTER_KEY: masterKey, AIA_STORE: store };
    const { code, stderr } = await runCommand(['issue', ...account], environment);
    expect(code).toBe(6);
    expect(stderr).toContain('store_in_use');
    expect(stderr).toContain('--url');
  });

  it.each([
    ['no master key', {}, 'master_key_required'],
    ['a short master key', { AIA_MASTER_KEY: 'aHVudGVyMg==' }, 'invalid_configuration'],
    [
      'a master key that is not base64',
      { AIA_MASTER_KEY: 'hunter2-hunter2-hunter2-hunter2-hunter2-hunt' },
      'invalid_configuration',
    ],
    ['a missing key file', { AIA_MASTER_KEY_FILE: '/nowhere/key' }, 'invalid_configuration'],
    [
      'a master key and a key file',
      { AIA_MASTER_KEY: masterKey, AIA_MASTER_KEY_FILE: '/nowhere/key' },
      'invalid_configuration',
    ],
  ])('refuse %s', async (_what, environment: Record<string, string>, error) => {
    const store = `pglite:${join(await temporaryFolder(), 'store')}`;
    const { code, stderr } = await runCommand(['audit', 'verify'], { AIA_STORE: store, ...environment });
    expect(code).toBe(2);
    expect(stderr).toContain(error);
    expect(stderr).not.toMatch(/hunter2|aHVudGVy/);
  });
});

describe('a command for a store', () => {
  it.each([
    ['audit', 'verify'],
    ['keys', 'rotate'],
    ['instances', 'list'],
    ['revoke', 'agent-1'],
  ])('does not create it: %s %s', async (...words) => {
    const folder = join(await temporaryFolder(), 'mistyped');
    const environment = { AIA_STORE: `pglite:${folder}`, AIA_MASTER_KEY: masterKey };
    const { code, stderr } = await runCommand(words, environment);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no store'),
    });
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(['--config', '--master-key-file', '--administrators-token-file'])(
    'refuses a named pipe as %s instead of waiting for ever',
    async (option) => {
      const pipe = join(await temporaryFolder(), 'pipe');
      await promisify(execFile)('mkfifo', [pipe]);
      const target = option === '--administrators-token-file' ? ['--url', 'http://127.0.0.1:1'] : [];
      const { code, stderr } = await runCommand(['audit', 'verify', ...target, option, pipe]);
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('it is not a regular file'),
      });
    },
  );
});

it('copy copies a store into another one and prints the checkpoint of the audit log of both', async () => {
  const [from, to] = [`pglite:${await newPgliteFolder()}`, `pglite:${await newPgliteFolder()}`];
  const environment = { AIA_STORE: from, AIA_MASTER_KEY: masterKey };
  expect((await runCommand(['issue', ...account], environment)).code).toBe(0);
  const { code, stdout, stderr } = await runCommand(['copy', '--to', to], environment);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const verified = await runCommand(['audit', 'verify'], { ...environment, AIA_STORE: to });
  expect(JSON.parse(verified.stdout)).toMatchObject({ intact: true, ...JSON.parse(stdout) });
});

describe('the help', () => {
  it.each([
    [['--help'], ['serve', 'issue', 'revoke', 'keys', 'audit', 'config', 'Exit codes']],
    [
      ['serve', '--help'],
      [
        'openssl rand',
        '--limits-connections <number>',
        '[AIA_PORT]',
        'Default: 8787',
        'Examples:',
        'It needs a master key',
        'AIA_MASTER_KEY:',
        'AIA_ADMINISTRATORS_TOKEN:',
        'AIA_VERIFIERS_TOKEN:',
      ],
    ],
    [
      ['issue', '--help'],
      [
        '--out <file>',
        'CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL=',
        'CODEX_AGENT_IDENTITY_JWKS_BASE_URL=',
        'AIA_MASTER_KEY:',
        'AIA_ADMINISTRATORS_TOKEN:',
      ],
    ],
    [
      ['revoke', '--help'],
      ['--task <task_id>', 'forever'],
    ],
    [
      ['keys', 'rotate', '--help'],
      ['--compromised', '--activate-after-seconds'],
    ],
    [
      ['audit', 'verify', '--help'],
      ['--checkpoint', 'Examples:'],
    ],
    [['config', 'show', '--help'], ['where each setting comes from']],
  ])('of %j contains the essentials', async (words, phrases) => {
    const { code, stdout } = await runCommand(words);
    expect(code).toBe(0);
    const text = stdout.replaceAll(/\s+/g, ' ');
    for (const phrase of phrases) expect(text).toContain(phrase);
  });

  it.each([
    [['sevre']],
    [['issue']],
    [['serve', '--prot', '1']],
    [['keys', 'rotate', '--overlap-seconds', '-1']],
    [['audit', 'prove', 'x']],
  ])('is suggested after the usage error %j', async (words) => {
    const { code, stderr } = await runCommand(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/error: /);
    expect(stderr).toContain('Use --help for usage.');
  });
});

it('the program prints its version', async () => {
  const { version } = JSON.parse(await packageFile('package.json'));
  expect(await runProgram(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  for (const words of [['serve'], ['issue'], ['audit', 'verify']]) {
    expect(await runCommand([...words, '--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  }
});

it('the program ends quietly if nobody reads its help to the end', async () => {
  const { code, stdout, stderr } = await runShell('"$NODE" "$BIN" serve --help | head -n 1');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: /);
});

it('serve without settings says that it needs a master key, and creates nothing', async () => {
  const cwd = await temporaryFolder();
  const { code, stderr } = await runProgram(['serve'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('master_key_required');
  expect(await readdir(cwd)).toEqual([]);
});

it.each([
  ['postgres://a:hunter2@db.example/x', 'postgres://a:hidden@db.example/x'],
  ['postgresql://a:hunter2@/x?host=/socket/folder', 'postgresql://hidden@/x?host=/socket/folder'],
  ['postgresql:///x?host=/socket/folder&password=hunter2', 'password=hidden'],
])('config show hides the password of %s', async (store, shown) => {
  const { stdout } = await runCommand(['config', 'show'], { AIA_STORE: store });
  expect(stdout).toContain(shown);
  expect(stdout).not.toContain('hunter2');
});

it('the program writes results to standard output, errors to standard error, and sets its exit code', async () => {
  expect(await runProgram(['--help'])).toMatchObject({ code: 0, stderr: '' });
  expect(await runProgram(['sevre'])).toMatchObject({ code: 2, stdout: '' });
  expect(await runProgram(['revoke', 'agent-1', '--store', 'memory:'])).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringContaining('agent_runtime_not_found'),
  });
});

it('config show prints every setting without secrets, and fails for invalid ones', async () => {
  const environment = { AIA_ADMINISTRATORS_TOKEN: serverAdminToken, AIA_STORE: 'postgres://a:hunter2@db/x' };
  const { code, stdout } = await runCommand(['config', 'show', '--port', '1'], environment);
  expect(code).toBe(0);
  expect(stdout).toContain('port = 1 # flag');
  expect(stdout).toContain('# token is set (environment)');
  expect(stdout).not.toMatch(new RegExp(`hunter2|${serverAdminToken}`));
  expect(await runCommand(['config', 'show', '--port', 'x'])).toMatchObject({ code: 2, stdout: '' });
});

it('serve refuses development tokens on a public address', async () => {
  const file = await temporaryFile(
    '[[tokens]]\ntoken = "hunter2-hunter2-hunter2"\naccount = { accountId = "a", chatgptUserId = "u" }\n',
  );
  const words = ['serve', '--store', 'memory:', '--host', '0.0.0.0', '--port', '0'];
  const { code, stderr } = await runCommand([...words, '--agents-tokens-file', file]);
  expect(code).toBe(2);
  expect(stderr).toContain('unsafe_configuration');
  expect(stderr).not.toContain('hunter2');
});
