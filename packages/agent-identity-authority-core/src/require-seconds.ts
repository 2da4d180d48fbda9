import { describeType } from 'agent-identity-core';
import { authorityError } from './errors.js';

/** A hundred years: no time to live is longer, so that no sum of times leaves the range of dates. */
export const maxTtlSeconds = 3_155_760_000;

/** @throws AgentIdentityError `invalid_argument` unless it is whole seconds within the bounds, both inclusive */
export function requireSeconds(
  value: number,
  name: string,
  { min, max = maxTtlSeconds }: { readonly min: number; readonly max?: number },
): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw authorityError(
      'invalid_argument',
      `${name}: expected whole seconds from ${min} to ${max}, got ${typeof value === 'number' ? value : describeType(value)}`,
    );
  }
}
