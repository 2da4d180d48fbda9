import { type Clock, describeType, isAgentIdentityError } from 'agent-identity-core';
import { ignoringErrors, systemErrorCode } from 'agent-identity-core/http';
import { LRUCache } from 'lru-cache';
import { emitWarning } from '#emit-warning';

const warningIntervalMilliseconds = 60_000;

/**
 * Creates the function that reports failures: to the listener, or without one as process warnings, so that a directory
 * that fails is visible by default. The same warning comes at most once a minute.
 *
 * @param describe Returns the text of the warning, without secrets, or `undefined` for no warning.
 */
export function createFailureReporter<Failure>(
  onFailure: ((failure: Failure) => void) | undefined,
  describe: (failure: Failure) => string | undefined,
  monotonicClock: Clock,
): (failure: Failure) => void {
  if (onFailure !== undefined) return (failure) => ignoringErrors(() => onFailure(failure));
  const warnedAt = new LRUCache<string, number>({ max: 100 });
  return (failure) => {
    const message = describe(failure);
    if (message === undefined) return;
    const now = monotonicClock();
    if (now - (warnedAt.get(message) ?? Number.NEGATIVE_INFINITY) < warningIntervalMilliseconds) return;
    warnedAt.set(message, now);
    emitWarning(message);
  };
}

/**
 * Describes an error for a warning: by its message if it belongs to this family, whose messages contain no secrets, else
 * only by its name and system error code.
 */
export function describeError(error: unknown): string {
  if (isAgentIdentityError(error)) return error.message;
  const name = error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : describeType(error);
  const code = systemErrorCode(error);
  return code === undefined ? name : `${name} (${code})`;
}
