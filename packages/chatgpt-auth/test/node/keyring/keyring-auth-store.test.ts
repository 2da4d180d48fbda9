import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openChatgptAuth } from 'chatgpt-auth';
import { authStoreFor, autoAuthStore, type KeyringEffects, keyringAuthStore } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { authServer } from '../../support/auth-server.js';
import { codeOf } from '../../support/code-of.js';
import { codexHome } from '../../support/codex-home.js';
import { chatgptAuthJson, clock } from '../../support/login.js';
import { systemFlock } from '../../support/system-flock.js';

/** A keyring in memory, where that of the OS would be. */
function keyring(entries: Record<string, string> = {}): KeyringEffects & { entries: Record<string, string> } {
  const effects: KeyringEffects = {
    openEntry: async (service, userName) => ({
      getPassword: async () => entries[`${service}/${userName}`] ?? null,
      setPassword: async (password) => {
        entries[`${service}/${userName}`] = password;
      },
    }),
  };
  // Not enumerable, since a store refuses effects that it does not know.
  return Object.defineProperty(effects, 'entries', { value: entries }) as ReturnType<typeof keyring>;
}

const noKeyring: KeyringEffects = {
  openEntry: () => Promise.reject(new Error("Couldn't access platform storage: AccessDenied")),
};

async function entryOf(path: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await realpath(path))
    .digest('hex');
  return `Codex Auth/cli|${digest.slice(0, 16)}`;
}

const compact = JSON.stringify(JSON.parse(chatgptAuthJson()));

describe('keyringAuthStore', () => {
  it("uses the published client's entry, one for each folder, by any path to it", async () => {
    const [home, elsewhere] = [await codexHome(), await codexHome()];
    const link = join(elsewhere.path, 'link');
    await symlink(home.path, link);
    const effects = keyring({ [await entryOf(home.path)]: compact });
    expect(await keyringAuthStore({ codexHome: home.path }, effects).read()).toBe(compact);
    expect(await keyringAuthStore({ codexHome: link }, effects).read()).toBe(compact);
    expect(await keyringAuthStore({ codexHome: elsewhere.path }, effects).read()).toBeUndefined();
  });

  it('saves an identity into the entry in its compact form, with the locks in the folder', async () => {
    const home = await codexHome();
    const entry = await entryOf(home.path);
    const effects = keyring({ [entry]: compact });
    const server = await authServer();
    const store = keyringAuthStore({ codexHome: home.path }, { ...effects, flock: systemFlock });
    const options = { store, policy: 'chatgpt-auth', authapiBaseUrl: server.baseUrl } as const;
    const identity = await (await openChatgptAuth(options, { clock })).agentIdentityAuth();
    const saved = effects.entries[entry] ?? '';
    const { agent_identity: record } = JSON.parse(saved);
    expect(identity?.runTaskId).toBe(record.task_id);
    expect(saved).toBe(`${compact.slice(0, -1)},"agent_identity":${JSON.stringify(record)}}`);
    expect((await readdir(home.path)).sort()).toEqual(['auth.json.lock', 'auth.lock', 'chatgpt-auth-locks']);
  });

  it('does not create an entry again that is gone', async () => {
    const home = await codexHome();
    const effects = keyring({ [await entryOf(home.path)]: compact });
    const server = await authServer({
      task: async () => {
        delete effects.entries[await entryOf(home.path)];
        return { body: { task_id: 'task-1' } };
      },
    });
    const store = keyringAuthStore({ codexHome: home.path }, effects);
    const options = { store, policy: 'chatgpt-auth', authapiBaseUrl: server.baseUrl } as const;
    const auth = await openChatgptAuth(options, { clock });
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('logged_out');
    expect(effects.entries).toEqual({});
  });

  it('does not create an entry again that goes while the lock is waited for', async () => {
    const home = await codexHome();
    const effects = keyring({ [await entryOf(home.path)]: compact });
    const flock = async () => {
      delete effects.entries[await entryOf(home.path)];
    };
    const store = keyringAuthStore({ codexHome: home.path }, { ...effects, flock });
    await store.update((text) => text ?? compact);
    expect(effects.entries).toEqual({});
  });

  it('fails with keyring_unavailable when there is no keyring', async () => {
    const home = await codexHome();
    const store = keyringAuthStore({ codexHome: home.path }, noKeyring);
    const error = await thrownBy(() => store.read());
    expect([error.code, error.retryable]).toEqual(['keyring_unavailable', false]);
    expect(error.message).toContain('Secret Service');
    expect(await codeOf(() => store.update((text) => text))).toBe('keyring_unavailable');
  });

  it('fails the same way through the real package without a session bus', async () => {
    const home = await codexHome();
    const script = `
      import { keyringAuthStore, autoAuthStore } from 'chatgpt-auth/node';
      const codexHome = ${JSON.stringify(home.path)};
      const error = await keyringAuthStore({ codexHome }).read().catch((caught) => caught);
      console.log(JSON.stringify([error.code, await autoAuthStore({ codexHome }).read()]));`;
    await home.write(chatgptAuthJson());
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { PATH: process.env['PATH'], DBUS_SESSION_BUS_ADDRESS: `unix:path=${home.path}/none` },
      },
    );
    expect(JSON.parse(stdout)).toEqual(['keyring_unavailable', chatgptAuthJson()]);
  });
});

describe('autoAuthStore', () => {
  it('uses the keyring if it holds credentials, else the file', async () => {
    const home = await codexHome(chatgptAuthJson());
    const effects = keyring();
    const store = autoAuthStore({ codexHome: home.path }, effects);
    expect(await store.read()).toBe(chatgptAuthJson());
    effects.entries[await entryOf(home.path)] = compact;
    expect(await store.read()).toBe(compact);
  });

  it('uses the file where there is no keyring', async () => {
    const home = await codexHome(chatgptAuthJson());
    expect(await autoAuthStore({ codexHome: home.path }, noKeyring).read()).toBe(chatgptAuthJson());
  });

  it('names both places in its errors', async () => {
    const home = await codexHome('{');
    const store = autoAuthStore({ codexHome: home.path }, noKeyring);
    const error = await thrownBy(() => openChatgptAuth({ store }));
    expect(error.message).toContain(home.authFile);
    expect(error.message).toContain('keyring');
  });

  it('does not hide a fault of the file', async () => {
    const home = await codexHome();
    await writeFile(home.authFile, Uint8Array.of(0xff));
    const store = autoAuthStore({ codexHome: home.path }, noKeyring);
    expect(await codeOf(() => store.read())).toBe('unreadable_auth_file');
  });

  it.each([
    ['the keyring', true],
    ['the file', false],
  ])('writes to the place of the credentials: %s', async (_kind, inKeyring) => {
    const home = await codexHome(chatgptAuthJson());
    const entry = await entryOf(home.path);
    const effects = keyring(inKeyring ? { [entry]: compact } : {});
    const store = autoAuthStore({ codexHome: home.path }, effects);
    await store.update((text) => text?.replace('"acct-1"', '"acct-2"'));
    expect((effects.entries[entry] ?? '').includes('acct-2')).toBe(inKeyring);
    expect((await home.read()).includes('acct-2')).toBe(!inKeyring);
  });
});

it('authStoreFor creates the store that cli_auth_credentials_store names', async () => {
  const home = await codexHome(chatgptAuthJson());
  const effects = keyring({ [await entryOf(home.path)]: compact });
  const read = (name: 'file' | 'keyring' | 'auto') =>
    authStoreFor(name, { codexHome: home.path }, effects).read();
  expect(await read('file')).toBe(chatgptAuthJson());
  expect(await read('keyring')).toBe(compact);
  expect(await read('auto')).toBe(compact);
  expect(await codeOf(() => keyringAuthStore({ codexHome: '' }, effects))).toBe('invalid_argument');
});
