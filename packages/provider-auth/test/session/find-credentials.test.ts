import { memoryAuthStore } from 'chatgpt-auth';
import { type LoadAuthOptions, loadAuth } from 'provider-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { noNetwork, unreadStore, whoamiOnly } from '../support/no-network.js';

const apiKeyFile = JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-of-store' });
const tokenFile = JSON.stringify({ auth_mode: 'personalAccessToken', personal_access_token: 'at-of-store' });

describe('loadAuth takes the first credentials it finds', () => {
  it.each<[title: string, options: LoadAuthOptions, kind: string, origin: string | undefined]>([
    ['there are none', {}, 'none', undefined],
    ['the store is empty', { store: memoryAuthStore() }, 'none', undefined],
    ['only the store has some', { store: memoryAuthStore(apiKeyFile) }, 'api_key', 'store'],
    [
      'CODEX_ACCESS_TOKEN has priority over the store',
      { env: { CODEX_ACCESS_TOKEN: 'at-of-env' }, store: unreadStore },
      'personal_access_token',
      'environment',
    ],
    [
      'CODEX_API_KEY has priority over CODEX_ACCESS_TOKEN',
      { env: { CODEX_API_KEY: 'sk-of-env', CODEX_ACCESS_TOKEN: 'at-of-env' }, store: unreadStore },
      'api_key',
      'environment',
    ],
    [
      'blank variables count as unset',
      { env: { CODEX_API_KEY: ' ', CODEX_ACCESS_TOKEN: '' }, store: memoryAuthStore(apiKeyFile) },
      'api_key',
      'store',
    ],
    [
      'an option has priority over everything else',
      { personalAccessToken: 'at-of-option', env: { CODEX_API_KEY: 'sk' }, store: unreadStore },
      'personal_access_token',
      'option',
    ],
    ['OPENAI_API_KEY is ignored', { env: { OPENAI_API_KEY: 'sk' } }, 'none', undefined],
    ['the store holds a ChatGPT login', { store: memoryAuthStore(chatgptLogin()) }, 'chatgpt', 'store'],
    [
      'the store holds ChatGPT tokens of another program',
      { store: memoryAuthStore(chatgptLogin({ auth_mode: 'chatgptAuthTokens' })) },
      'chatgpt',
      'store',
    ],
    [
      'the store holds a personal access token',
      { store: memoryAuthStore(tokenFile) },
      'personal_access_token',
      'store',
    ],
  ])('when %s', async (_, options, kind, origin) => {
    const auth = await loadAuth(options, whoamiOnly);
    expect(auth.kind).toBe(kind);
    expect(auth.describe()).toEqual({ kind, origin, reason: expect.any(String) });
  });

  it('and tries nothing else if they are not usable', async () => {
    const options = { env: { CODEX_API_KEY: 'with space' }, store: memoryAuthStore(apiKeyFile) };
    expect((await thrownBy(() => loadAuth(options, noNetwork))).code).toBe('invalid_access_token');
  });
});
