import fc from 'fast-check';
import { temporaryFile } from 'test-support';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../dist/configuration/read-configuration.js';
import { settings } from '../../dist/configuration/settings.js';
import { showConfiguration } from '../../dist/configuration/show-configuration.js';

const nothing = { flags: {}, environment: {} };

describe('the configuration', () => {
  it('has a default for everything that serve needs, on loopback', async () => {
    const { configuration, origins } = await readConfiguration(nothing);
    expect(configuration).toMatchObject({
      store: 'pglite:agent-identity-authority',
      host: '127.0.0.1',
      port: 8787,
      operationsHost: '127.0.0.1',
      administrators: {},
      limits: { connections: 2000 },
    });
    expect(new Set(origins.values())).toEqual(new Set(['default']));
  });

  it('prefers flags to the environment, that to the file, and that to the defaults', async () => {
    const file = await temporaryFile(
      'port = 1\nhost = "::1"\nlogLevel = "warn"\n[limits]\nconnections = 7\n',
    );
    const { configuration, origins } = await readConfiguration({
      flags: { port: '3' },
      environment: { AIA_PORT: '2', AIA_HOST: '127.0.0.2', AIA_LIMITS_KEEP_ALIVE_SECONDS: '9', HOME: '/' },
      file,
    });
    expect(configuration).toMatchObject({
      port: 3,
      host: '127.0.0.2',
      logLevel: 'warn',
      limits: { connections: 7, keepAliveSeconds: 9, headersTimeoutSeconds: 10 },
    });
    const paths = ['port', 'host', 'logLevel', 'limits.connections', 'limits.keepAliveSeconds', 'store'];
    expect(paths.map((path) => origins.get(path))).toEqual([
      'flag',
      'environment',
      'file',
      'file',
      'environment',
      'default',
    ]);
  });

  it('is read from the file that the environment names', async () => {
    const file = await temporaryFile('port = 1');
    expect(
      (await readConfiguration({ flags: {}, environment: { AIA_CONFIG: file } })).configuration.port,
    ).toBe(1);
  });

  it('reads lists and booleans of flags and variables', async () => {
    const { configuration } = await readConfiguration({
      flags: {
        'agents.accountIdClaim': 'https://api.openai.com/auth chatgpt_account_id',
        sealTaskIds: 'true',
      },
      environment: { AIA_TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1' },
    });
    expect(configuration).toMatchObject({
      sealTaskIds: true,
      trustedProxies: ['10.0.0.0/8', '192.0.2.1'],
      agents: { accountIdClaim: ['https://api.openai.com/auth', 'chatgpt_account_id'] },
    });
  });

  it.each([
    ['port (flag)', { flags: { port: '70000' } }],
    ['port (flag)', { flags: { port: 'x' } }],
    ['port (flag)', { flags: { port: '' } }],
    ['port (environment)', { environment: { AIA_PORT: '1.5' } }],
    ['sealTaskIds (environment)', { environment: { AIA_SEAL_TASK_IDS: 'yes' } }],
    ['logLevel (flag)', { flags: { logLevel: 'loud' } }],
    ['AIA_PROT (environment)', { environment: { AIA_PROT: '1' } }],
    ['did you mean AIA_PORT?', { environment: { AIA_PROT: '1' } }],
  ])('names the invalid setting: %s', async (name, sources) => {
    await expect(readConfiguration({ ...nothing, ...sources })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(name),
    });
  });

  it.each([
    ['a misspelled setting', 'prot = 1', 'prot (file): there is no such setting, did you mean port?'],
    ['a misspelled name in a section', '[limits]\nconection = 1', 'did you mean limits.connections?'],
    ['a misspelled section', '[limit]\nconnections = 1', 'limit'],
    ['a setting in place of a section', 'limits = 1', 'limits'],
    ['a wrong type', 'port = "8787"', 'port (file)'],
  ])('refuses a file with %s', async (_what, toml, name) => {
    await expect(readConfiguration({ ...nothing, file: await temporaryFile(toml) })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(name),
    });
  });

  it('quotes nothing of a file that is not TOML, and gives the position of the error', async () => {
    const file = await temporaryFile('port = 1\n[administrators]\ntoken = hunter2-hunter2-hunter2\n');
    const reading = readConfiguration({ ...nothing, file });
    await expect(reading).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringMatching(/line 3/),
    });
    await expect(reading).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });

  it('names a missing file', async () => {
    await expect(readConfiguration({ ...nothing, file: '/nowhere/a.toml' })).rejects.toMatchObject({
      message: '/nowhere/a.toml: cannot be read (ENOENT)',
    });
  });

  it('never quotes an invalid value', async () => {
    const value = fc.string({ minLength: 12 }).filter((text) => text.trim() !== '');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('port', 'logLevel', 'sealTaskIds', 'limits.connections'),
        value,
        async (path, text) => {
          const marked = `hunter2${text}`;
          const error: Error = await readConfiguration({ ...nothing, flags: { [path]: marked } }).then(
            () => expect.unreachable(),
            (reason) => reason,
          );
          expect(error.message).not.toContain('hunter2');
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('showConfiguration', () => {
  it('prints a file with the same settings, and where each comes from', async () => {
    const sources = {
      flags: { port: '3', 'agents.issuer': 'https://login.example.com' },
      environment: { AIA_LIMITS_CONNECTIONS: '7' },
    };
    const read = await readConfiguration(sources);
    const shown = showConfiguration(read);
    expect(shown).toContain('port = 3 # flag');
    expect(shown).toContain('connections = 7 # environment');
    expect(shown).toContain('# taskIdleTtlSeconds is not set');
    const again = await readConfiguration({ ...nothing, file: await temporaryFile(shown) });
    expect(again.configuration).toEqual(read.configuration);
  });

  it.each([
    ['a token', { AIA_ADMINISTRATORS_TOKEN: 'hunter2-hunter2-hunter2-hunter2-hunter2' }],
    ['a master key', { AIA_MASTER_KEY: 'hunter2-hunter2-hunter2-hunter2-hunter2' }],
    ['the password of a store', { AIA_STORE: 'postgres://authority:hunter2@db/agents' }],
    ['a password in the query', { AIA_STORE: 'postgres://db/agents?user=a&password=hunter2' }],
  ])('prints nothing of %s', async (_what, environment) => {
    const shown = showConfiguration(await readConfiguration({ flags: {}, environment }));
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('environment');
  });
});

it('every setting has a description, a variable, and a flag unless it is a secret', () => {
  expect(settings.length).toBeGreaterThan(40);
  for (const { description, environment, flag, secret } of settings) {
    expect(description).not.toBe('');
    expect(environment).toMatch(/^AIA_[A-Z_]+$/);
    expect(flag === undefined).toBe(secret);
  }
  expect(new Set(settings.map(({ environment }) => environment)).size).toBe(settings.length);
  expect(settings.filter(({ secret }) => secret).map(({ path }) => path)).toEqual([
    'masterKey',
    'administrators.token',
    'verifiers.token',
  ]);
});
