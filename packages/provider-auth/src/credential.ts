import { describeType } from 'agent-identity-core';
import { carriesAgentKey, mayBeJwt } from './agent-identity-jwt-shape.js';
import { providerAuthError } from './errors.js';

/**
 * Requires a key or token that can be a header's value.
 *
 * @param value **Secret.** Not part of an error.
 * @throws AgentIdentityError `empty_credentials`, `invalid_argument`
 */
export function requireCredential(value: unknown, name: string): string {
  if (typeof value === 'string' && value.trim() === '') {
    throw providerAuthError('empty_credentials', `${name}: expected a key or token, got ${blank(value)}`);
  }
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw providerAuthError(
      'invalid_argument',
      `${name}: expected visible ASCII characters without spaces and line ends, got ${describeType(value)}`,
    );
  }
  return value;
}

/**
 * Requires an API key or personal access token of the session: one that can be sent, and that is no JWT.
 *
 * @param value **Secret.** Not part of an error.
 * @throws AgentIdentityError `jwt_as_bearer`, and those of `requireCredential`
 */
export function requireSessionKey(value: unknown, name: string): string {
  return refuseJwt(requireCredential(value, name), name, mayBeJwt);
}

/**
 * Requires a credential that may be a JWT, but not one that carries an agent's private key.
 *
 * @param value **Secret.** Not part of an error.
 * @throws AgentIdentityError `jwt_as_bearer`, and those of `requireCredential`
 */
export function requireBearerToken(value: unknown, name: string): string {
  return refuseJwt(requireCredential(value, name), name, carriesAgentKey);
}

function refuseJwt(token: string, name: string, isRefused: (token: string) => boolean): string {
  if (!isRefused(token)) return token;
  throw providerAuthError(
    'jwt_as_bearer',
    `${name}: expected a key or token, got what looks like an Agent Identity JWT, which is never sent; use the option jwt`,
  );
}

function blank(value: string): string {
  return value === '' ? 'an empty string' : 'only white space';
}
