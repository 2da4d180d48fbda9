import { type Clock, describeType, isAgentIdentityError } from 'agent-identity-core';
import { ignoringErrors, systemErrorCode } from 'agent-identity-core/http';
import { LRUCache } from 'lru-cache';
import { emitWarning } from '#emit-warning';
import type { VerificationError } from './errors.js';

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

/** Which dependency of a verifier failed. */
export type VerifierFailureSource = 'directory' | 'replay_store' | 'verify_bearer';

const sourceNames: Readonly<Record<VerifierFailureSource, string>> = {
  directory: 'the agent directory',
  replay_store: 'the replay store',
  verify_bearer: 'verifyBearer',
};

const directoryCodes = [
  'directory_unavailable',
  'directory_unauthorized',
  'invalid_directory_response',
] as const;

/** Whether a directory of this package threw the error. It has reported the failure itself. */
export function isDirectoryError(error: unknown): error is VerificationError {
  return isAgentIdentityError(error, ...directoryCodes);
}

/** Creates the function that reports the failures of a verifier's dependencies. */
export function createVerifierFailureReporter(
  onFailure: ((error: unknown, source: VerifierFailureSource) => void) | undefined,
  monotonicClock: Clock,
): (error: unknown, source: VerifierFailureSource) => void {
  const report = createFailureReporter<{ readonly error: unknown; readonly source: VerifierFailureSource }>(
    onFailure && (({ error, source }) => onFailure(error, source)),
    ({ error, source }) =>
      isDirectoryError(error)
        ? undefined
        : `${sourceNames[source]} failed: ${describeError(error)}. The option onFailure receives the error itself`,
    monotonicClock,
  );
  return (error, source) => report({ error, source });
}

/**
 * Describes an error for a warning: by its message if it belongs to this family, whose messages contain no secrets, else
 * only by its name and system error code.
 */
export function describeError(error: unknown): string {
  if (isAgentIdentityError(error)) return error.message.replace(/\.$/, '');
  const name = error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : describeType(error);
  const code = systemErrorCode(error);
  return code === undefined ? name : `${name} (${code})`;
}
