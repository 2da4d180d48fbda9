import type { Clock } from '../clock.js';
import { coreError } from '../errors.js';
import { readClock } from '../http/effects.js';
import { requireSeconds } from '../http/require-argument.js';
import { parseTimestamp } from './timestamp.js';

/** How far a timestamp may be from the verifier's clock. Both bounds are inclusive. */
export interface ValidityWindow {
  /** Maximum age, in seconds. Default: 300. */
  readonly maxAgeSeconds?: number | undefined;
  /** How far ahead of the verifier's clock it may be, in seconds. Default: 300. */
  readonly leewaySeconds?: number | undefined;
}

/** What carries the time of signing; the error codes begin with it. */
type Subject = 'assertion' | 'task_registration' | 'instance_assertion' | 'statement';

/** @throws AgentIdentityError `malformed_${subject}`, `${subject}_expired`, `${subject}_in_future`, `invalid_argument` */
export function requireWithinWindow(
  subject: Subject,
  timestamp: string,
  clock: Clock,
  { maxAgeSeconds = 300, leewaySeconds = 300 }: ValidityWindow,
): void {
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined) {
    throw coreError(`malformed_${subject}`, 'timestamp: expected RFC 3339 in UTC with whole seconds');
  }
  requireSecondsWithinWindow(subject, signedAt / 1000, clock, { maxAgeSeconds, leewaySeconds });
}

/** @throws AgentIdentityError `${subject}_expired`, `${subject}_in_future`, `invalid_argument` */
export function requireSecondsWithinWindow(
  subject: Subject,
  signedAtSeconds: number,
  clock: Clock,
  { maxAgeSeconds, leewaySeconds }: { readonly maxAgeSeconds: number; readonly leewaySeconds: number },
): void {
  requireSeconds(maxAgeSeconds, 'maxAgeSeconds');
  requireSeconds(leewaySeconds, 'leewaySeconds');
  const now = readClock(clock);
  if (isWithinWindow(signedAtSeconds, now, { maxAgeSeconds, leewaySeconds })) return;
  const ageSeconds = Math.floor(now / 1000) - signedAtSeconds;
  const hint = 'if it was just signed, the clocks of signer and verifier differ by that much';
  if (ageSeconds > 0) {
    throw coreError(`${subject}_expired`, `signed ${ageSeconds} s ago, limit ${maxAgeSeconds} s; ${hint}`);
  }
  throw coreError(`${subject}_in_future`, `signed ${-ageSeconds} s ahead, limit ${leewaySeconds} s; ${hint}`);
}

/**
 * Whether a time of signing is inside the window, in whole seconds, both bounds inclusive.
 *
 * @param now Epoch milliseconds.
 * @example
 * ```ts
 * import { isWithinWindow } from 'agent-identity-core';
 *
 * isWithinWindow(1_776_902_400, 1_776_902_460_000, { maxAgeSeconds: 300, leewaySeconds: 300 }); // true
 * ```
 */
export function isWithinWindow(
  signedAtSeconds: number,
  now: number,
  { maxAgeSeconds, leewaySeconds }: { readonly maxAgeSeconds: number; readonly leewaySeconds: number },
): boolean {
  const ageSeconds = Math.floor(now / 1000) - signedAtSeconds;
  return ageSeconds <= maxAgeSeconds && -ageSeconds <= leewaySeconds;
}
