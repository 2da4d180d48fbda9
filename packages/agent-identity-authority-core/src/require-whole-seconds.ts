import { describeType } from 'agent-identity-core';
import { authorityError } from './errors.js';

/** A hundred years. No lifetime is longer, so sums of times stay within the range of dates. */
export const maxTtlSeconds = 3_155_760_000;

/** @throws AgentIdentityError `invalid_argument` unless it is whole seconds within the inclusive bounds */
export function requireWholeSeconds(
  value: number,
  name: string,
  { min, max = maxTtlSeconds }: { readonly min: number; readonly max?: number | undefined },
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const actual = typeof value === 'number' ? value : describeType(value);
  throw authorityError(
    'invalid_argument',
    `${name}: expected whole seconds from ${min} to ${max}, got ${actual}`,
  );
}
