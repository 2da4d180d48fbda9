import { env as processEnv } from 'node:process';
import type { StoredCredentials } from '../auth-json/stored-credentials.js';
import { codexHomeOf, type Environment } from './codex-home.js';

/** What the environment says, for a client that follows the published one's variables (docs/protocol.md section 9). */
export interface CodexEnvironment {
  /** `CODEX_HOME`, else `~/.codex`. */
  readonly codexHome: string;
  /** `CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL`. */
  readonly authapiBaseUrl: string | undefined;
  /** `CODEX_AGENT_IDENTITY_JWKS_BASE_URL`: the base of the JWKS URL, never of the AuthAPI. */
  readonly jwtBaseUrl: string | undefined;
  /**
   * `CODEX_API_KEY`, else `CODEX_ACCESS_TOKEN`: an Agent Identity JWT, **not verified**, or a personal access token,
   * which is not a JWT. They win over what a store holds, and are written nowhere. The kind `none` if neither is set.
   */
  readonly credentials: StoredCredentials;
}

/** Reads the environment variables of this process, or others. One that is blank counts as unset. */
export function readCodexEnvironment(env: Environment = processEnv): CodexEnvironment {
  return {
    codexHome: codexHomeOf(env),
    authapiBaseUrl: baseUrl(env['CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL']),
    jwtBaseUrl: baseUrl(env['CODEX_AGENT_IDENTITY_JWKS_BASE_URL']),
    credentials: credentialsOf(env),
  };
}

function credentialsOf(env: Environment): StoredCredentials {
  const apiKey = env['CODEX_API_KEY']?.trim();
  if (apiKey) return { kind: 'apiKey', apiKey: () => apiKey };
  const token = env['CODEX_ACCESS_TOKEN']?.trim();
  if (!token) return { kind: 'none' };
  return mayBeJwt(token)
    ? { kind: 'agentIdentityJwt', jwt: () => token }
    : { kind: 'personalAccessToken', personalAccessToken: () => token };
}

/** Also what is left of a JWT: it carries the agent's key, and must fail to verify rather than be sent as a bearer token. */
function mayBeJwt(token: string): boolean {
  return token.startsWith('eyJ') || token.split('.').length === 3;
}

function baseUrl(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}
