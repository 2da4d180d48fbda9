import { describeType } from 'agent-identity-core';
import {
  carriesAgentKey,
  decodeUnverifiedJwtPayload,
  isHeaderSafe,
  requireObject,
} from 'agent-identity-core/http';
import type { StoredCredentials } from './auth-json/stored-credentials.js';
import { chatgptAuthError } from './errors.js';

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings in the published client's environment variables (docs/protocol.md section 9). A blank variable counts as unset. */
export interface CodexEnvironment {
  /** `CODEX_HOME`. */
  readonly codexHome: string | undefined;
  /** `CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL`: where agent identities are registered. */
  readonly authapiBaseUrl: string | undefined;
  /** `CODEX_AGENT_IDENTITY_JWKS_BASE_URL`: the base of the JWKS URL. */
  readonly jwtBaseUrl: string | undefined;
  /** `CODEX_AUTHAPI_BASE_URL`: where personal access tokens are looked up. */
  readonly whoamiBaseUrl: string | undefined;
  /** `CODEX_REFRESH_TOKEN_URL_OVERRIDE`: where access tokens are refreshed. */
  readonly tokenUrl: string | undefined;
  /** `CODEX_APP_SERVER_LOGIN_CLIENT_ID`: the OAuth client of the login. */
  readonly clientId: string | undefined;
  /**
   * `CODEX_API_KEY`, else `CODEX_ACCESS_TOKEN`. They take precedence over a store and are written nowhere. The kind is `none`
   * if neither is set. An Agent Identity JWT is **not verified**.
   */
  readonly credentials: EnvironmentCredentials;
}

/** The credentials that the environment can hold. */
export type EnvironmentCredentials = Extract<
  StoredCredentials,
  { readonly kind: 'none' | 'apiKey' | 'personalAccessToken' | 'agentIdentityJwt' }
>;

/**
 * Reads the environment variables of the published client (docs/protocol.md section 9).
 *
 * @param env Such as `process.env`. This function does not read the environment by itself.
 * @throws AgentIdentityError `invalid_access_token`, `invalid_argument`
 * @example
 * ```ts
 * import { readCodexEnvironment } from 'chatgpt-auth';
 *
 * const { credentials, authapiBaseUrl } = readCodexEnvironment({ CODEX_ACCESS_TOKEN: 'at-example' });
 * // credentials.kind === 'personalAccessToken'
 * ```
 */
export function readCodexEnvironment(env: Environment): CodexEnvironment {
  requireObject(env, 'env');
  return {
    codexHome: readVariable(env, 'CODEX_HOME'),
    authapiBaseUrl: readVariable(env, 'CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL'),
    jwtBaseUrl: readVariable(env, 'CODEX_AGENT_IDENTITY_JWKS_BASE_URL'),
    whoamiBaseUrl: readVariable(env, 'CODEX_AUTHAPI_BASE_URL'),
    tokenUrl: readVariable(env, 'CODEX_REFRESH_TOKEN_URL_OVERRIDE'),
    clientId: readVariable(env, 'CODEX_APP_SERVER_LOGIN_CLIENT_ID'),
    credentials: readCredentials(env),
  };
}

/**
 * Reads one variable and trims it.
 *
 * @returns `undefined` for a blank one
 * @throws AgentIdentityError `invalid_argument`
 */
export function readVariable(env: Environment, name: string): string | undefined {
  const value: unknown = env[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value.trim() || undefined;
  throw chatgptAuthError('invalid_argument', `env: expected ${name} as a string, got ${describeType(value)}`);
}

function readCredentials(env: Environment): EnvironmentCredentials {
  const apiKey = readVariable(env, 'CODEX_API_KEY');
  if (apiKey !== undefined) {
    requireSendable(apiKey, 'CODEX_API_KEY', 'an API key');
    return { kind: 'apiKey', apiKey: () => apiKey };
  }
  const token = readVariable(env, 'CODEX_ACCESS_TOKEN');
  return token === undefined ? { kind: 'none' } : classifyAccessToken(token, 'CODEX_ACCESS_TOKEN');
}

/**
 * Distinguishes a personal access token, which begins with `at-`, from an Agent Identity JWT (docs/protocol.md section 9). A
 * JWT contains the agent's private key, so a damaged one is refused and never treated as a token to send.
 *
 * @param token **Secret.** No part of it is in an error.
 * @param name Names the token in error messages.
 * @throws AgentIdentityError `invalid_access_token` for anything else
 * @example
 * ```ts
 * import { classifyAccessToken } from 'chatgpt-auth';
 *
 * classifyAccessToken('at-example', 'token').kind; // 'personalAccessToken'
 * ```
 */
export function classifyAccessToken(
  token: string,
  name: string,
): Extract<StoredCredentials, { readonly kind: 'personalAccessToken' | 'agentIdentityJwt' }> {
  if (typeof token === 'string' && token.startsWith('at-')) {
    requireSendable(token, name, 'a personal access token');
    return { kind: 'personalAccessToken', personalAccessToken: () => token };
  }
  if (isHeaderSafe(token) && decodeUnverifiedJwtPayload(token) !== undefined) {
    return { kind: 'agentIdentityJwt', jwt: () => token };
  }
  throw chatgptAuthError(
    'invalid_access_token',
    `${name}: expected a personal access token (at-…) or an Agent Identity JWT (three parts with dots between), got ${describeType(token)}`,
  );
}

function requireSendable(token: string, name: string, expected: string): void {
  if (isHeaderSafe(token) && !carriesAgentKey(token)) return;
  const got = isHeaderSafe(token)
    ? 'an Agent Identity JWT, which is never sent'
    : `${describeType(token)} with spaces, line ends or characters outside ASCII`;
  throw chatgptAuthError('invalid_access_token', `${name}: expected ${expected}, got ${got}`);
}
