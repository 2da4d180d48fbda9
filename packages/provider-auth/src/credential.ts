import { kindOf } from 'agent-identity-core';
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
      `${name}: expected visible ASCII characters without spaces and line ends, got ${kindOf(value)}`,
    );
  }
  return value;
}

function blank(value: string): string {
  return value === '' ? 'an empty string' : 'only white space';
}
