import { execFile } from 'node:child_process';
import { access, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { type OpenStoreOptions, openStore } from 'agent-identity-authority-sql';
import { describe, expect, inject, it } from 'vitest';

const masterKey = new Uint8Array(32);

it('openStore("memory:") opens an empty store each time', async () => {
  const one = await openStore('memory:');
  const other = await openStore('memory:');
  await one.addAgentRuntime({
    agentRuntimeId: 'agent-1',
    publicKeySsh: 'ssh-ed25519 AAAA',
    accountId: 'account-1',
    chatgptUserId: 'user-1',
    planType: 'business',
    name: null,
    owner: null,
    labels: {},
    abom: null,
    capabilities: [],
    lineage: [],
    createdAt: 0,
    expiresAt: null,
    suspendedAt: null,
    revokedAt: null,
  });
  expect(await one.findAgentRuntime('agent-1')).toBeDefined();
  expect(await other.findAgentRuntime('agent-1')).toBeUndefined();
});

it.each([
  '',
  'memory',
  'pglite:',
  'postgres:authority:hunter2@db/agents',
  'postgres://authority:hunter2@db:port/agents',
  'mysql://authority:hunter2@db/agents',
])('openStore refuses "%s", names the supported URLs, and shows no password', async (url) => {
  const error = await openStore(url, { masterKey }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'unsupported_store_url',
    message: expect.stringContaining('"memory:"'),
  });
  expect(inspect(error)).not.toContain('hunter2');
});

it.each(['memory:', 'pglite:DIR', 'postgres://127.0.0.1/x'])(
  'openStore refuses an unknown option, and names the nearest one: %s',
  async (url) => {
    const options = { masterKey: new Uint8Array(32), timeoutSecond: 1 } as OpenStoreOptions;
    await expect(openStore(url, options)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('did you mean "timeoutSeconds"?'),
    });
  },
);

describe('a persistent store', () => {
  const urls = ['pglite:FOLDER', 'postgresql://authority:hunter2@127.0.0.1:1/agents'];

  it.each(urls)('does not open without a master key: %s', async (url) => {
    const folder = join(await mkdtemp(join(inject('runFolder'), 'open-')), 'store');
    await expect(openStore(url.replace('FOLDER', folder))).rejects.toMatchObject({
      code: 'master_key_required',
    });
    await expect(access(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['masterKey', { masterKey: new Uint8Array(31) }],
    ['masterKey', { masterKey: 'x'.repeat(32) }],
    ['otherMasterKeys[1]', { masterKey, otherMasterKeys: [masterKey, new Uint8Array(33)] }],
    ['timeoutSeconds', { masterKey, timeoutSeconds: 0 }],
    ['timeoutSeconds', { masterKey, timeoutSeconds: 0.5 }],
    ['maxConnections', { masterKey, maxConnections: 0 }],
    ['maxConnections', { masterKey, maxConnections: 2.5 }],
    ['maxReadConnections', { masterKey, maxReadConnections: 0 }],
  ])('does not open with an invalid %s: %j', async (name, options) => {
    await expect(openStore('pglite:nowhere', options as never)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(`${name}: expected`),
    });
  });

  it('is unavailable, and shows no password, if no server answers', async () => {
    const [, url = ''] = urls;
    const error = await openStore(url, { masterKey }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'store_unavailable',
      retryable: true,
      message: 'the database agents at 127.0.0.1:1 could not be opened: nothing listens there (ECONNREFUSED)',
    });
    expect(inspect(error)).not.toContain('hunter2');
  });
});

it('openStore loads drizzle and a driver only for a URL that needs them', async () => {
  const hooks = `export const resolve = (name, context, next) => {
    if (/^(pg|drizzle-orm|@electric-sql)(\\/|$)/.test(name)) throw new Error('loaded ' + name);
    return next(name, context);
  };`;
  const script = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    const { openStore } = await import('agent-identity-authority-sql');
    await openStore('memory:');
    const options = { masterKey: new Uint8Array(32) };
    for (const url of ['pglite:nowhere', 'postgres://127.0.0.1:1/x']) {
      await openStore(url, options).catch(({ message }) => console.log(message));
    }`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('..', import.meta.url),
  });
  expect((await run).stdout).toMatch(/^loaded (drizzle|@electric).*\nloaded (drizzle|pg).*\n$/);
});
