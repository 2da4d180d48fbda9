import { classifyAccessToken, readCodexEnvironment } from 'chatgpt-auth';
import { printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { jwt } from './support/login.js';

const nothing = {
  codexHome: undefined,
  authapiBaseUrl: undefined,
  jwtBaseUrl: undefined,
  whoamiBaseUrl: undefined,
  tokenUrl: undefined,
  clientId: undefined,
  credentials: { kind: 'none' },
};

describe('readCodexEnvironment', () => {
  it('finds nothing in an empty environment', () => {
    expect(readCodexEnvironment({})).toEqual(nothing);
  });

  it('reads every variable and trims it', () => {
    const { credentials, ...settings } = readCodexEnvironment({
      CODEX_HOME: '/codex-home',
      CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: ' https://a.example.test/authapi ',
      CODEX_AGENT_IDENTITY_JWKS_BASE_URL: 'https://j.example.test',
      CODEX_AUTHAPI_BASE_URL: 'https://w.example.test',
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: 'https://t.example.test/oauth/token\n',
      CODEX_APP_SERVER_LOGIN_CLIENT_ID: 'client-1',
    });
    expect(settings).toEqual({
      codexHome: '/codex-home',
      authapiBaseUrl: 'https://a.example.test/authapi',
      jwtBaseUrl: 'https://j.example.test',
      whoamiBaseUrl: 'https://w.example.test',
      tokenUrl: 'https://t.example.test/oauth/token',
      clientId: 'client-1',
    });
    expect(credentials.kind).toBe('none');
  });

  it.each([
    'CODEX_HOME',
    'CODEX_API_KEY',
    'CODEX_ACCESS_TOKEN',
    'CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL',
    'CODEX_AGENT_IDENTITY_JWKS_BASE_URL',
    'CODEX_AUTHAPI_BASE_URL',
    'CODEX_REFRESH_TOKEN_URL_OVERRIDE',
    'CODEX_APP_SERVER_LOGIN_CLIENT_ID',
  ])('reads a blank %s as unset', (name) => {
    for (const blank of ['', ' ', '\n', '\t \r\n'])
      expect(readCodexEnvironment({ [name]: blank })).toEqual(nothing);
  });

  it('reads an access token that begins with at- as a personal access token', () => {
    const { credentials } = readCodexEnvironment({ CODEX_ACCESS_TOKEN: 'at-opaque.with.dots\n' });
    expect(credentials.kind === 'personalAccessToken' && credentials.personalAccessToken()).toBe(
      'at-opaque.with.dots',
    );
  });

  it('reads any other access token as an Agent Identity JWT', () => {
    const token = jwt({ account_id: 'acct-1' });
    const { credentials } = readCodexEnvironment({ CODEX_ACCESS_TOKEN: `${token}\r\n` });
    expect(credentials.kind === 'agentIdentityJwt' && credentials.jwt()).toBe(token);
  });

  it('refuses an access token that is neither, and never treats a damaged JWT as one to send', () => {
    const token = jwt({ account_id: 'acct-1', agent_private_key: 'secret' });
    const [header = '', payload = ''] = token.split('.');
    const damaged = [
      `${header}.${payload}`,
      header,
      payload,
      `at-${token}`,
      `${token}.x`,
      token.replace('.', ' '),
    ];
    for (const value of [...damaged, 'garbage', 'sk-1', 'a.b.c', 'at-two words', 'AT-upper-case']) {
      const error = thrownBy(() => readCodexEnvironment({ CODEX_ACCESS_TOKEN: value }));
      expect(error.code).toBe('invalid_access_token');
      expect(error.message).toContain('CODEX_ACCESS_TOKEN');
      expect(printedForms(error)).not.toContain(value);
    }
  });

  it('prefers CODEX_API_KEY over CODEX_ACCESS_TOKEN', () => {
    const { credentials } = readCodexEnvironment({ CODEX_API_KEY: 'sk-1', CODEX_ACCESS_TOKEN: 'garbage' });
    expect(credentials.kind === 'apiKey' && credentials.apiKey()).toBe('sk-1');
  });

  it('refuses an API key that cannot be sent, or that carries an agent key', () => {
    for (const key of ['sk two', 'sk-\u00fc', jwt({ agent_private_key: 'secret' })]) {
      const error = thrownBy(() => readCodexEnvironment({ CODEX_API_KEY: key }));
      expect(error.code).toBe('invalid_access_token');
      expect(printedForms(error)).not.toContain(key);
    }
  });

  it('refuses anything but an object of strings', () => {
    for (const env of [undefined, null, 'CODEX_HOME=x', { CODEX_HOME: 7 }]) {
      expect(thrownBy(() => readCodexEnvironment(env as never)).code).toBe('invalid_argument');
    }
  });

  it('prints without a secret', () => {
    expect(printedForms(readCodexEnvironment({ CODEX_API_KEY: 'sk-secret' }))).not.toContain('sk-secret');
  });
});

describe('classifyAccessToken', () => {
  it('names the token in its errors', () => {
    expect(thrownBy(() => classifyAccessToken('garbage', 'tokenFile')).message).toMatch(
      /^tokenFile: expected/,
    );
  });

  it('refuses anything but a string', () => {
    for (const token of [undefined, null, 7]) {
      expect(thrownBy(() => classifyAccessToken(token as never, 'token')).code).toBe('invalid_access_token');
    }
  });
});
