import { coreError, describeType } from '../errors.js';
import { parseTimestamp } from './timestamp.js';

/** How far a timestamp may lie from the verifier's clock. Both bounds are inclusive. */
export interface Window {
  /** How old it may be, in seconds; 300 by default. */
  readonly maxAgeSeconds?: number | undefined;
  /** How far in the future it may lie, in seconds, for clocks that differ; 300 by default. */
  readonly leewaySeconds?: number | undefined;
}

/** What is judged, as its error codes begin. */
type Subject = 'assertion' | 'task_registration';

/** @throws AgentIdentityError `${subject}_expired`, `${subject}_in_future`, `invalid_argument` */
export function requireWithinWindow(
  subject: Subject,
  timestamp: string,
  now: number,
  { maxAgeSeconds = 300, leewaySeconds = 300 }: Window,
): void {
  requireSeconds(maxAgeSeconds, 'maxAgeSeconds');
  requireSeconds(leewaySeconds, 'leewaySeconds');
  if (!Number.isFinite(now)) {
    throw coreError('invalid_argument', `clock: expected epoch milliseconds, got ${describeType(now)}`);
  }
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined) {
    throw coreError(`malformed_${subject}`, 'timestamp: expected RFC 3339 in UTC with whole seconds');
  }
  const ageSeconds = Math.floor(now / 1000) - signedAt / 1000;
  const hint = 'if it was just made, the clocks of signer and verifier differ by that much';
  if (ageSeconds > maxAgeSeconds) {
    throw coreError(
      `${subject}_expired`,
      `signed ${ageSeconds} s ago, more than ${maxAgeSeconds} s; ${hint}`,
    );
  }
  if (-ageSeconds > leewaySeconds) {
    throw coreError(
      `${subject}_in_future`,
      `signed ${-ageSeconds} s ahead, more than ${leewaySeconds} s; ${hint}`,
    );
  }
}

function requireSeconds(value: number, name: string): void {
  if (!Number.isFinite(value) || value < 0) {
    throw coreError('invalid_argument', `${name}: expected seconds, 0 or more, got ${value}`);
  }
}
