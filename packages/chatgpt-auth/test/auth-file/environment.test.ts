import { homedir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { readCodexEnvironment } from 'chatgpt-auth/auth-file';
import { describe, expect, test, vi } from 'vitest';
import { jwt } from '../support/login.js';

describe('the environment', () => {
  test('of nothing gives the default folder and no credentials', () => {
    expect(readCodexEnvironment({})).toEqual({
      codexHome: join(homedir(), '.codex'),
      authapiBaseUrl: undefined,
      jwtBaseUrl: undefined,
      credentials: { kind: 'none' },
    });
  });

  test('names the folder and the two base URLs apart', () => {
    expect(
      readCodexEnvironment({
        CODEX_HOME: '/codex-home',
        CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: ' https://a.example.test/authapi ',
        CODEX_AGENT_IDENTITY_JWKS_BASE_URL: 'https://j.example.test',
      }),
    ).toMatchObject({
      codexHome: '/codex-home',
      authapiBaseUrl: 'https://a.example.test/authapi',
      jwtBaseUrl: 'https://j.example.test',
    });
  });

  test('variables that are blank are unset', () => {
    const blank = {
      CODEX_HOME: '',
      CODEX_API_KEY: ' ',
      CODEX_ACCESS_TOKEN: ' ',
      CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: '',
    };
    expect(readCodexEnvironment(blank)).toEqual(readCodexEnvironment({}));
  });

  test('CODEX_ACCESS_TOKEN is an Agent Identity JWT, or a personal access token if it is no JWT', () => {
    const token = jwt({ account_id: 'acct-1' });
    const identity = readCodexEnvironment({ CODEX_ACCESS_TOKEN: token }).credentials;
    const personal = readCodexEnvironment({ CODEX_ACCESS_TOKEN: 'at-opaque' }).credentials;
    expect(identity.kind === 'agentIdentityJwt' && identity.jwt()).toBe(token);
    expect(personal.kind === 'personalAccessToken' && personal.personalAccessToken()).toBe('at-opaque');
  });

  test('what is left of a JWT is taken for one, and never for a token that could be sent', () => {
    const token = jwt({ account_id: 'acct-1' });
    const [header = '', payload = ''] = token.split('.');
    for (const cut of [`${header}.${payload}`, token.slice(0, -30), header, `x${token}`]) {
      expect(readCodexEnvironment({ CODEX_ACCESS_TOKEN: cut }).credentials.kind).toBe('agentIdentityJwt');
    }
  });

  test('CODEX_API_KEY wins over it', () => {
    const both = { CODEX_API_KEY: 'sk-1', CODEX_ACCESS_TOKEN: jwt({}) };
    const { credentials } = readCodexEnvironment(both);
    expect(credentials.kind === 'apiKey' && credentials.apiKey()).toBe('sk-1');
  });

  test('is that of the process by default', () => {
    vi.stubEnv('CODEX_HOME', '/from-the-process');
    expect(readCodexEnvironment().codexHome).toBe('/from-the-process');
    vi.unstubAllEnvs();
  });

  test('prints without a secret', () => {
    const environment = readCodexEnvironment({ CODEX_API_KEY: 'sk-secret' });
    expect(inspect(environment, { depth: 9, showHidden: true })).not.toContain('sk-secret');
  });
});
