import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';

/**
 * Whether every store can keep this text and find it again as it is: no lone surrogates, which have no UTF-8, no NUL,
 * which Postgres does not take, and short enough for an index.
 */
export function isStorableText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 512 && value.isWellFormed() && !value.includes('\0');
}

/** @throws AgentIdentityError `invalid_argument`, for the first member that no store can keep */
export function requireStorableText(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (isStorableText(value)) continue;
    throw authorityError(
      'invalid_argument',
      `${name}: expected well-formed text of up to 512 characters without NUL, got ${describeType(value)}`,
    );
  }
}
