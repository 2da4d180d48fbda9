import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { autoAuthStore, type KeyringEffects, keyringAuthStore, openCodexLogin } from 'chatgpt-auth/node';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type CodexHome, codexHome } from '../../support/codex-home.js';
import { chatgptAuthJson } from '../../support/login.js';

const holding = (entry: string | null): KeyringEffects => ({
  openEntry: async () => ({ getPassword: async () => entry, setPassword: async () => undefined }),
});
const noKeyring: KeyringEffects = { openEntry: () => Promise.reject(new Error('no session bus')) };

/** A folder in which the published client keeps its credentials encrypted. */
async function encryptedHome(authJson?: string): Promise<CodexHome> {
  const home = await codexHome(authJson);
  await mkdir(join(home.path, 'secrets'));
  await writeFile(join(home.path, 'secrets', 'codex_auth.age'), 'age-encryption.org/v1');
  return home;
}

describe('credentials in secrets/codex_auth.age', () => {
  it.each([
    ['keyring', keyringAuthStore],
    ['auto', autoAuthStore],
  ] as const)('are an error that names the file and the setting (%s)', async (_name, createStore) => {
    const { path: home } = await encryptedHome();
    for (const secretAuthStorage of [undefined, true]) {
      const store = createStore({ codexHome: home, secretAuthStorage }, holding(null));
      const error = await thrownBy(() => store.read());
      expect(error.code).toBe('encrypted_auth_storage');
      expect(error.message).toContain('secrets/codex_auth.age');
      expect(error.message).toContain('secret_auth_storage');
    }
  });

  it.each([
    ['an entry of the keyring', chatgptAuthJson(), undefined],
    ['a file', null, chatgptAuthJson()],
  ])('win over %s only if the feature is on', async (_kind, entry, authJson) => {
    const { path: home } = await encryptedHome(authJson);
    for (const secretAuthStorage of [undefined, false]) {
      const store = autoAuthStore({ codexHome: home, secretAuthStorage }, holding(entry));
      expect(await store.read()).toBe(chatgptAuthJson());
    }
    const store = autoAuthStore({ codexHome: home, secretAuthStorage: true }, holding(entry));
    expect((await thrownBy(() => store.read())).code).toBe('encrypted_auth_storage');
  });

  it('do not count if the feature is off', async () => {
    const { path: home } = await encryptedHome();
    const options = { codexHome: home, secretAuthStorage: false };
    expect(await keyringAuthStore(options, holding(null)).read()).toBeUndefined();
    expect(await autoAuthStore(options, noKeyring).read()).toBeUndefined();
  });

  it('are named rather than a missing keyring if the feature is on', async () => {
    const { path: home } = await encryptedHome();
    const store = keyringAuthStore({ codexHome: home, secretAuthStorage: true }, noKeyring);
    expect((await thrownBy(() => store.read())).code).toBe('encrypted_auth_storage');
  });

  it('are found by openCodexLogin through config.toml', async () => {
    const { path: home } = await encryptedHome();
    const open = async (toml: string) => {
      await writeFile(join(home, 'config.toml'), toml);
      return openCodexLogin({ codexHome: home, env: {} }, holding(null));
    };
    const on = 'cli_auth_credentials_store = "keyring"\n[features]\nsecret_auth_storage = true\n';
    expect((await thrownBy(() => open(on))).code).toBe('encrypted_auth_storage');
    expect((await open(on.replace('true', 'false'))).auth.credentials.kind).toBe('none');
    expect((await open('')).auth.credentials.kind).toBe('none');
  });
});
