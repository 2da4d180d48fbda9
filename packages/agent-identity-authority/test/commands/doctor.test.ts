import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import { closedOrigin, listenOnLoopback, temporaryFile, temporaryFolder } from 'test-support';
import { oidcIssuer } from 'test-support/oidc';
import { startPostgresServer } from 'test-support/postgres';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { runCommand, runProgram } from '../support/run-program.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const masterKey = Buffer.alloc(32, 7).toString('base64');

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
}

/** Runs `doctor` with free ports and returns what it found. */
async function examine(
  environment: Record<string, string>,
  words: readonly string[] = [],
  clock: () => number = Date.now,
) {
  const anyPort = { AIA_PORT: '0', AIA_OPERATIONS_PORT: '0', ...environment };
  const { code, stdout } = await runCommand(['doctor', '--json', ...words], anyPort, clock);
  const findings: Finding[] = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  return { code, findings, of: (name: string) => findings.filter(({ check }) => check === name) };
}

async function newStore(): Promise<Record<string, string>> {
  const folder = await newPgliteFolder();
  await chmod(folder, 0o700);
  return { AIA_STORE: `pglite:${folder}`, AIA_MASTER_KEY: masterKey };
}

const remote = async () => ({
  AIA_URL: (await startServer()).url,
  AIA_ADMINISTRATORS_TOKEN: serverAdminToken,
});

describe('doctor', () => {
  it('finds nothing wrong with a store that works, and changes nothing', async () => {
    const environment = await newStore();
    await runCommand(['keys', 'rotate'], environment);
    const { code, findings, of } = await examine(environment);
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(code).toBe(0);
    expect(findings.map(({ check }) => check)).toEqual([
      'settings',
      'permissions',
      'tokens',
      'store',
      'keys',
      'audit log',
    ]);
    expect(of('keys')).toMatchObject([{ level: 'ok', message: expect.stringContaining('of 2 published') }]);
    const listed = await runCommand(['audit', 'list', '--json'], environment);
    expect(listed.stdout.trim().split('\n')).toHaveLength(2);
  });

  it('prints lines for people, with the remedy below each problem', async () => {
    const folder = await temporaryFolder();
    const words = ['doctor', '--store', 'pglite:mistyped', '--port', '0', '--operations-port', '0'];
    const environment = { AIA_MASTER_KEY: masterKey };
    const { code, stdout, stderr } = await runProgram(words, { cwd: folder, environment });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^ok {7}settings {5}they are valid\n/);
    expect(stdout).toMatch(
      /\nproblem {2}store {8}there is no store in the folder .*\n {9}store_not_ready: Check/,
    );
  });

  it('finds a server that has the folder open, and says to use --url', async () => {
    const environment = await newStore();
    await startServer({ store: environment['AIA_STORE'] ?? '', masterKey });
    const { code, of } = await examine(environment);
    expect(code).toBe(6);
    expect(of('store')).toMatchObject([
      { code: 'store_in_use', remedy: expect.stringContaining('--url'), level: 'problem' },
    ]);
  });

  it('finds another master key, and a setting that is wrong', async () => {
    const environment = await newStore();
    await runCommand(['keys', 'rotate'], environment);
    const other = { ...environment, AIA_MASTER_KEY: Buffer.alloc(32, 8).toString('base64') };
    expect((await examine(other)).of('store').at(-1)).toMatchObject({ code: 'wrong_master_key' });
    const wrong = await examine({ ...environment, AIA_PORT: 'many' });
    expect(wrong).toMatchObject({
      code: 2,
      findings: [{ check: 'settings', code: 'invalid_configuration' }],
    });
  });

  it('finds files with secrets that others can read, and warns of those of the group', async () => {
    const tokenFile = await temporaryFile(serverAdminToken);
    const configFile = await temporaryFile(`masterKey = "${masterKey}"\nstore = "memory:"\n`);
    await chmod(tokenFile, 0o644);
    await chmod(configFile, 0o640);
    const words = ['--config', configFile, '--administrators-token-file', tokenFile];
    const open = await examine({}, words);
    expect(open.code).toBe(3);
    expect(open.of('permissions')).toMatchObject([
      { level: 'problem', code: 'readable_by_others', message: `${tokenFile} has mode 644` },
      { level: 'warning', code: 'readable_by_group', message: `${configFile} has mode 640` },
    ]);
    await chmod(tokenFile, 0o600);
    expect((await examine({}, words)).code).toBe(0);
  });

  it('finds a port that another program uses, but not one that an authority serves', async () => {
    const taken = new URL(
      await listenOnLoopback(createServer((_request, response) => response.end('hello'))),
    );
    const environment = { AIA_STORE: 'memory:', AIA_PORT: taken.port, AIA_OPERATIONS_PORT: taken.port };
    const { code, of } = await examine(environment);
    expect(code).toBe(3);
    expect(of('ports')).toMatchObject([{ code: 'port_taken' }, { code: 'port_taken' }]);
    const { port, operationsUrl } = await startServer();
    const own = await examine({
      AIA_STORE: 'memory:',
      AIA_PORT: String(port),
      AIA_OPERATIONS_PORT: new URL(operationsUrl).port,
    });
    expect(own.of('ports')).toMatchObject([
      { level: 'ok', message: `an authority serves 127.0.0.1:${port}` },
      { level: 'ok', message: expect.stringContaining('an authority serves') },
    ]);
  });

  it('fetches the keys of issuers in settings and rules, unless --offline', async () => {
    const { issuer, requestedPaths } = await oidcIssuer(Date.now);
    const gone = await closedOrigin();
    const rule = (name: string, url: string) =>
      `[[rules]]\nname = "${name}"\nissuer = "${url}"\naudience = "agents"\naccountId = "account-1"\n`;
    const rules = await temporaryFile(
      `${rule('one', issuer)}\n${rule('two', issuer)}\n${rule('gone', gone)}`,
    );
    const environment = { AIA_STORE: 'memory:', AIA_AGENTS_FEDERATION_FILE: rules };
    const offline = await examine(environment, ['--offline']);
    expect({ code: offline.code, issuers: offline.of('issuer'), requestedPaths }).toEqual({
      code: 0,
      issuers: [],
      requestedPaths: [],
    });
    const { code, of } = await examine(environment);
    expect(code).toBe(3);
    expect(of('issuer')).toMatchObject([
      { level: 'ok', message: `${issuer} publishes 1 keys` },
      { level: 'problem', code: 'keys_unreachable', message: expect.stringContaining('ECONNREFUSED') },
    ]);
  });

  it('finds rules that are wrong, and development tokens on a public address', async () => {
    const rules = await temporaryFile('[[rules]]\nname = "one"\n');
    const broken = await examine({ AIA_STORE: 'memory:', AIA_AGENTS_FEDERATION_FILE: rules });
    expect(broken.code).toBe(2);
    expect(broken.of('tokens')).toMatchObject([{ code: 'invalid_configuration', level: 'problem' }]);
    const tokens = await temporaryFile(
      '[[tokens]]\ntoken = "a-development-token-01234"\naccount = { accountId = "a", chatgptUserId = "u" }\n',
    );
    const unsafe = { AIA_STORE: 'memory:', AIA_AGENTS_TOKENS_FILE: tokens, AIA_HOST: '0.0.0.0' };
    expect((await examine(unsafe)).of('tokens')).toMatchObject([{ code: 'unsafe_configuration' }]);
  });

  it('asks a running authority with --url', async () => {
    const environment = await remote();
    const { code, findings } = await examine(environment);
    expect(code).toBe(0);
    expect(findings.map(({ check, level }) => [check, level])).toEqual([
      ['settings', 'ok'],
      ['authority', 'ok'],
      ['keys', 'ok'],
      ['audit log', 'ok'],
      ['clock', 'ok'],
    ]);
    const refused = await examine({ ...environment, AIA_ADMINISTRATORS_TOKEN: 'x'.repeat(40) });
    expect(refused.code).toBe(5);
    expect(refused.of('authority')).toMatchObject([{ code: 'authority_refused' }]);
    const gone = await examine({ ...environment, AIA_URL: await closedOrigin() });
    expect(gone).toMatchObject({ code: 6, findings: [{}, { code: 'authority_unreachable' }] });
  });

  it.each([
    [10, 'warning', 0],
    [-60, 'problem', 3],
  ])('compares its clock with the authority: %i s ahead is a %s', async (seconds, level, code) => {
    const result = await examine(await remote(), [], () => Date.now() + seconds * 1000);
    expect(result.code).toBe(code);
    expect(result.of('clock')).toMatchObject([{ level, code: 'clock_differs' }]);
  });

  it('compares its clock with a database server, and finds a database without a store', async () => {
    const server = await startPostgresServer();
    onTestFinished(() => server.stop());
    const environment = { AIA_STORE: await server.newDatabase(), AIA_MASTER_KEY: masterKey };
    const empty = await examine(environment, [], () => Date.now() - 60_000);
    expect(empty.of('clock')).toMatchObject([
      { level: 'problem', message: expect.stringMatching(/ahead of/) },
    ]);
    expect(empty.of('store')).toMatchObject([
      { code: 'store_not_ready', message: 'the database has no store' },
    ]);
    await runCommand(['issue', '--account-id', 'a', '--user-id', 'u'], environment);
    const { code, of } = await examine(environment);
    expect(code).toBe(0);
    expect(of('clock')).toMatchObject([{ level: 'ok' }]);
    expect(of('store')).toMatchObject([{ level: 'ok' }]);
  });
});

it('a configuration file that holds no secret may be readable', async () => {
  const file = await temporaryFile('store = "memory:"\nport = 0\noperationsPort = 0\n');
  await chmod(file, 0o644);
  expect((await examine({}, ['--config', file])).of('permissions')).toEqual([]);
});
