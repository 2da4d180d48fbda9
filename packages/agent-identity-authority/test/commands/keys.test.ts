import { temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { runCommand, runProgram } from '../support/run-program.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const masterKey = Buffer.alloc(32, 7).toString('base64');

const targets: readonly [string, () => Promise<Record<string, string>>][] = [
  [
    'with --url',
    async () => ({ AIA_URL: (await startServer()).url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken }),
  ],
  [
    'on the store',
    async () => ({ AIA_STORE: `pglite:${await newPgliteFolder()}`, AIA_MASTER_KEY: masterKey }),
  ],
];

describe.each(targets)('the commands for keys %s', (_where, startTarget) => {
  it('list, rotate and retire signing keys', async () => {
    const environment = await startTarget();
    const run = (...words: string[]) => runCommand(['keys', ...words], environment);
    expect(await run('rotate', '--activate-after-seconds', '900')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Created the signing key \S{43}\.\n$/),
    });
    const listed = await run('list', '--json');
    const [first, next, ...others] = listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(others).toEqual([]);
    expect(next).toMatchObject({ published: true, published_until: null });
    const table = (await run('list')).stdout.split('\n');
    expect(table[0]).toMatch(/^KID +STATUS +CREATED +SIGNS FROM +PUBLISHED UNTIL$/);
    expect(table[1]).toMatch(new RegExp(`^${first.kid} +signs +\\S+ ago|now .* in 1d$`));
    expect(table[2]).toMatch(new RegExp(`^${next.kid} +next .* in 1[45]m +-$`));

    const retired = await run('retire', first.kid, '--json');
    expect(JSON.parse(retired.stdout.split('\n')[0] ?? '')).toMatchObject({
      kid: first.kid,
      published: false,
    });
    expect((await run('list')).stdout).toMatch(new RegExp(`^${first.kid} +retired`, 'm'));
    expect(await run('retire', next.kid)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('signing_key_in_use'),
    });
    const unknown = await run('retire', 'nobody', '--json');
    expect({ ...unknown, stderr: JSON.parse(unknown.stderr) }).toMatchObject({
      code: 5,
      stdout: '',
      stderr: { error: { message: expect.stringContaining('no such signing key'), exit_code: 5 } },
    });
  });
});

it('a key id that begins with a hyphen is no option', async () => {
  const environment = { AIA_STORE: `pglite:${await newPgliteFolder()}`, AIA_MASTER_KEY: masterKey };
  const keyId = `-${'r'.repeat(42)}`;
  for (const words of [
    [keyId, '--json'],
    ['--json', keyId],
    ['--json', '--', keyId],
  ]) {
    const { code, stderr } = await runCommand(['keys', 'retire', ...words], environment);
    expect([code, stderr]).toEqual([5, expect.stringContaining('no such signing key')]);
  }
});

it('a list is the same JSON from a running authority and from its store', async () => {
  const environment = { AIA_STORE: `pglite:${await newPgliteFolder()}`, AIA_MASTER_KEY: masterKey };
  await runCommand(['keys', 'rotate', '--overlap-seconds', '0'], environment);
  const commands = [
    ['keys', 'list', '--json'],
    ['audit', 'list', '--json'],
    ['audit', 'list', '--json', '--newest-first', '--limit', '1'],
  ];
  const fromStore: unknown[] = [];
  for (const words of commands) fromStore.push(await runCommand(words, environment));
  const administrators = { token: serverAdminToken };
  const { url } = await startServer({ store: environment.AIA_STORE, masterKey, administrators });
  const remote = { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken };
  const fromServer: unknown[] = [];
  for (const words of commands) fromServer.push(await runCommand(words, remote));
  expect(fromServer).toEqual(fromStore);
  expect(fromStore).toHaveLength(3);
  for (const result of fromStore)
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^{/) });
});

describe('completions', () => {
  it.each(['bash', 'zsh', 'fish'])('have every command and subcommand for %s', async (shell) => {
    const { code, stdout } = await runProgram(['completions', shell], { cwd: await temporaryFolder() });
    expect(code).toBe(0);
    for (const words of [' serve', ' keys rotate', ' audit list', ' instances revoke', ' completions']) {
      expect(stdout).toContain(`'${words}'`);
    }
    expect(stdout).toContain('follow');
  });

  it('are refused for another shell', async () => {
    expect((await runCommand(['completions', 'tcsh'])).code).toBe(2);
  });
});
