import { memoryAuthStore } from 'chatgpt-auth';
import { type AuthOptions, defineProvider, loadAuth, resolveProviderAuth } from 'provider-auth';
import { describe, expect, test } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { firstParty } from '../support/first-party.js';
import { issuer } from '../support/issuer.js';
import { stillEffects } from '../support/resolved.js';
import { thrownBy } from '../support/thrown-by.js';

async function issued() {
  const { record } = await firstParty();
  const { issue } = await issuer();
  return { jwt: issue(record), agentPrivateKey: record.agent_private_key };
}

const stored = (document: object) => ({ store: memoryAuthStore(JSON.stringify(document)) });

describe('an Agent Identity JWT, which carries the agent’s private key, is never a bearer token', () => {
  test.each<[title: string, options: (jwt: string) => AuthOptions]>([
    ['the option apiKey', (apiKey) => ({ apiKey })],
    ['CODEX_API_KEY', (CODEX_API_KEY) => ({ env: { CODEX_API_KEY } })],
    ['OPENAI_API_KEY of a store', (jwt) => stored({ auth_mode: 'apikey', OPENAI_API_KEY: jwt })],
    [
      'personal_access_token of a store',
      (jwt) => stored({ auth_mode: 'personalAccessToken', personal_access_token: jwt }),
    ],
  ])('as %s it is refused, whole or cut', async (_, options) => {
    const { jwt, agentPrivateKey } = await issued();
    for (const token of [jwt, jwt.slice(0, 60), jwt.slice(jwt.indexOf('.')), jwt.slice(2)]) {
      const error = await thrownBy(() => loadAuth(options(token), stillEffects));
      if (error.code !== 'jwt_as_bearer') throw new Error(`${error.code} for ${token.length}`);
      expect(`${error.message}${error.cause}`).not.toContain(token);
      expect(`${error.message}${error.cause}`).not.toContain(agentPrivateKey);
    }
  });

  test.each(['api_key', 'bearer'] as const)(
    'as the own credential of a provider of kind %s',
    async (kind) => {
      const { jwt } = await issued();
      const [header, payload, signature] = jwt.split('.');
      const spaced = `${header}.${Buffer.from(`{ "agent_private_key" : "k" }`).toString('base64url')}.x`;
      const escaped = `${header}.${Buffer.from('{"\\u0061gent_private_key":"k"}').toString('base64url')}.x`;
      for (const token of [jwt, `${payload}.${signature}`, jwt.slice(0, -400), spaced, escaped]) {
        const keys = { apiKey: token, bearerToken: token };
        const error = await thrownBy(() => defineProvider({ kind, baseUrl: 'https://other.test', ...keys }));
        expect(error.code).toBe('jwt_as_bearer');
      }
    },
  );

  test('as the access token of a ChatGPT login', async () => {
    const { jwt } = await issued();
    const login = JSON.parse(chatgptLogin());
    login.tokens.access_token = jwt;
    const auth = await loadAuth(stored({ ...login, auth_mode: 'chatgptAuthTokens' }), stillEffects);
    const provider = defineProvider({ kind: 'first_party', baseUrl: 'https://first-party.test' });
    expect((await thrownBy(() => resolveProviderAuth({ auth, provider }))).code).toBe('jwt_as_bearer');
  });
});

test('any other JWT is a bearer token of a provider like any other', async () => {
  const jwt = `eyJhbGciOiJub25lIn0.${Buffer.from('{"sub":"agent"}').toString('base64url')}.c2ln`;
  const auth = await loadAuth({}, stillEffects);
  const provider = defineProvider({ kind: 'bearer', baseUrl: 'https://other.test', bearerToken: jwt });
  const resolved = await resolveProviderAuth({ auth, provider });
  expect(resolved.headers()).toEqual({ Authorization: `Bearer ${jwt}` });
});
