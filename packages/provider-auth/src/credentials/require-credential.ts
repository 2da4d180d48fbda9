import { describeType } from 'agent-identity-core';
import { carriesAgentKey, isHeaderSafe, looksLikeJwt } from 'agent-identity-core/http';
import { providerAuthError } from '../errors.js';

/**
 * Requires a key or token that can be the value of a header.
 *
 * @param value **Secret.** Not part of an error.
 * @param name Names the value in error messages.
 * @throws AgentIdentityError `empty_credentials`, `invalid_argument`
 */
export function requireCredential(value: unknown, name: string): string {
  if (typeof value === 'string' && value.trim() === '') {
    const got = value === '' ? 'an empty string' : 'only white space';
    throw providerAuthError('empty_credentials', `${name}: expected a key or token, got ${got}`);
  }
  if (!isHeaderSafe(value)) {
    throw providerAuthError(
      'invalid_argument',
      `${name}: expected visible ASCII characters without spaces and line breaks, got ${describeType(value)}`,
    );
  }
  return value;
}

/**
 * Requires an API key or personal access token: a credential that does not look like a JWT.
 *
 * @param value **Secret.** Not part of an error.
 * @throws AgentIdentityError `jwt_as_bearer`, `empty_credentials`, `invalid_argument`
 */
export function requireKey(value: unknown, name: string): string {
  return refuseAgentIdentityJwt(requireCredential(value, name), name, looksLikeJwt);
}

/**
 * Requires a credential that may be a JWT, but not one that carries an agent's private key.
 *
 * @param value **Secret.** Not part of an error.
 * @throws AgentIdentityError `jwt_as_bearer`, `empty_credentials`, `invalid_argument`
 */
export function requireBearerToken(value: unknown, name: string): string {
  return refuseAgentIdentityJwt(requireCredential(value, name), name, carriesAgentKey);
}

function refuseAgentIdentityJwt(token: string, name: string, isRefused: (token: string) => boolean): string {
  if (!isRefused(token)) return token;
  throw providerAuthError(
    'jwt_as_bearer',
    `${name}: expected a key or token, got what looks like an Agent Identity JWT, which is never sent; use the option jwt`,
  );
}
