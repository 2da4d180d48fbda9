import { memoryAuthStore } from 'chatgpt-auth';
import { defineProvider, type LoadAuthOptions, loadAuth, resolveProviderAuth } from 'provider-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { firstParty } from '../support/first-party.js';
import { startIssuer } from '../support/start-issuer.js';
import { stillEffects } from '../support/start-run.js';

async function issued() {
  const { record } = await firstParty();
  const { issue } = await startIssuer();
  return { jwt: issue(record), agentPrivateKey: record.agent_private_key };
}

const stored = (document: object) => ({ store: memoryAuthStore(JSON.stringify(document)) });

describe('an Agent Identity JWT is never sent as a key or bearer token, because it contains the agent’s private key', () => {
  it.each<[title: string, options: (jwt: string) => LoadAuthOptions]>([
    ['the option apiKey', (apiKey) => ({ apiKey })],
    ['CODEX_API_KEY', (CODEX_API_KEY) => ({ env: { CODEX_API_KEY } })],
    ['OPENAI_API_KEY of a store', (jwt) => stored({ auth_mode: 'apikey', OPENAI_API_KEY: jwt })],
    [
      'personal_access_token of a store',
      (jwt) => stored({ auth_mode: 'personalAccessToken', personal_access_token: jwt }),
    ],
  ])('%s refuses it, whole or cut', async (_, options) => {
    const { jwt, agentPrivateKey } = await issued();
    for (const token of [jwt, jwt.slice(0, 60), jwt.slice(jwt.indexOf('.')), jwt.slice(2)]) {
      const error = await thrownBy(() => loadAuth(options(token), stillEffects));
      expect(error.code).toMatch(/^(?:jwt_as_bearer|invalid_access_token)$/);
      expect(`${error.message}${error.cause}`).not.toContain(token);
      expect(`${error.message}${error.cause}`).not.toContain(agentPrivateKey);
    }
  });

  it.each(['api_key', 'bearer'] as const)('a provider of kind %s refuses it', async (kind) => {
    const { jwt } = await issued();
    const [header, payload, signature] = jwt.split('.');
    const spaced = `${header}.${Buffer.from(`{ "agent_private_key" : "k" }`).toString('base64url')}.x`;
    const escaped = `${header}.${Buffer.from('{"\\u0061gent_private_key":"k"}').toString('base64url')}.x`;
    for (const token of [jwt, `${payload}.${signature}`, jwt.slice(0, -400), spaced, escaped]) {
      const options = kind === 'api_key' ? { kind, apiKey: token } : { kind, bearerToken: token };
      const error = await thrownBy(() => defineProvider({ ...options, baseUrl: 'https://other.test' }));
      expect(error.code).toBe('jwt_as_bearer');
    }
  });

  it('a ChatGPT login refuses it as its access token', async () => {
    const { jwt } = await issued();
    const login = JSON.parse(chatgptLogin());
    login.tokens.access_token = jwt;
    const auth = await loadAuth(stored({ ...login, auth_mode: 'chatgptAuthTokens' }), stillEffects);
    const provider = defineProvider({ kind: 'first_party', baseUrl: 'https://first-party.test' });
    expect((await thrownBy(() => resolveProviderAuth({ auth, provider }))).code).toBe('jwt_as_bearer');
  });
});

it('a provider’s own bearer token may be another JWT', async () => {
  const jwt = `eyJhbGciOiJub25lIn0.${Buffer.from('{"sub":"agent"}').toString('base64url')}.c2ln`;
  const auth = await loadAuth({}, stillEffects);
  const provider = defineProvider({ kind: 'bearer', baseUrl: 'https://other.test', bearerToken: jwt });
  const resolved = await resolveProviderAuth({ auth, provider });
  expect(resolved.headers()).toEqual({ Authorization: `Bearer ${jwt}` });
});
