import { describeType } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { mayBeJwt } from '../agent-identity-jwt-shape.js';
import { requireCredential, requireSessionKey } from '../credential.js';
import { providerAuthError } from '../errors.js';
import type { AuthDescription } from './auth.js';
import type { AuthOptions } from './auth-options.js';

/** Credentials that were chosen, before anything was made of them. **Secret.** */
export type FoundCredentials = Omit<AuthDescription, 'kind'> &
  (
    | { readonly kind: 'api_key' | 'personal_access_token'; readonly token: string }
    | { readonly kind: 'jwt'; readonly token: string }
    | { readonly kind: 'record'; readonly record: AgentIdentityRecord }
  );

/**
 * The credentials that were given as an option.
 *
 * @throws AgentIdentityError `conflicting_credentials`, `empty_credentials`, `jwt_as_bearer`, `invalid_argument`
 */
export function credentialsOfOptions(options: AuthOptions): FoundCredentials | undefined {
  const { apiKey, jwt, record, personalAccessToken } = options;
  const given = Object.entries({ apiKey, jwt, record, personalAccessToken }).filter(
    ([, value]) => value !== undefined,
  );
  const [name] = given[0] ?? [];
  if (given.length > 1) {
    const names = given.map(([other]) => other).join(' and ');
    throw providerAuthError('conflicting_credentials', `expected one of the credentials, got ${names}`);
  }
  const origin = 'option';
  const reason = `the option ${name} is given; nothing else was looked at`;
  if (record !== undefined) return { kind: 'record', record, origin, reason };
  if (apiKey !== undefined)
    return { kind: 'api_key', token: requireSessionKey(apiKey, 'apiKey'), origin, reason };
  if (jwt !== undefined) return { kind: 'jwt', token: requireCredential(jwt, 'jwt'), origin, reason };
  if (personalAccessToken === undefined) return undefined;
  return { ...tokenKind(personalAccessToken, 'personalAccessToken'), origin, reason };
}

/**
 * The credentials in environment variables; one that is blank counts as unset (docs/protocol.md section 9).
 *
 * @throws AgentIdentityError `jwt_as_bearer`, `invalid_argument`
 */
export function credentialsOfEnvironment({ env = {} }: AuthOptions): FoundCredentials | undefined {
  const apiKey = variableOf(env, 'CODEX_API_KEY');
  const token = variableOf(env, 'CODEX_ACCESS_TOKEN');
  const origin = 'environment';
  if (apiKey !== undefined) {
    const over = token === undefined ? 'the store' : 'CODEX_ACCESS_TOKEN and the store';
    const reason = `CODEX_API_KEY is set, which wins over ${over}`;
    return { kind: 'api_key', token: requireSessionKey(apiKey, 'CODEX_API_KEY'), origin, reason };
  }
  if (token === undefined) return undefined;
  const reason = 'CODEX_ACCESS_TOKEN is set, which wins over the store';
  return { ...tokenKind(token, 'CODEX_ACCESS_TOKEN'), origin, reason };
}

/** The value of a variable without the white space around it; `undefined` for a blank one. */
export function variableOf(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  const value = env[name];
  if (value !== undefined && typeof value !== 'string') {
    throw providerAuthError(
      'invalid_argument',
      `env: expected ${name} as a string, got ${describeType(value)}`,
    );
  }
  return value?.trim() || undefined;
}

/**
 * A JWT carries the agent's private key and must never be sent as a bearer token, so whatever could be one, or what is
 * left of one, is taken for one and then refused if it is not whole.
 */
function tokenKind(
  value: string,
  name: string,
): { readonly kind: 'jwt' | 'personal_access_token'; readonly token: string } {
  const token = requireCredential(value, name);
  return { kind: mayBeJwt(token) ? 'jwt' : 'personal_access_token', token };
}
