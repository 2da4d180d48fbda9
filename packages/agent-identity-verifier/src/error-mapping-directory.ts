import { type Clock, isAgentIdentityError } from 'agent-identity-core';
import { requireMethods } from 'agent-identity-core/http';
import type { AgentDirectory, AgentRuntimeEntry, MaybePromise } from './agent-directory.js';
import { createFailureReporter, describeError } from './create-failure-reporter.js';
import { verificationError } from './errors.js';

/**
 * Wraps a directory so that it fails only with `directory_unavailable`, `directory_unauthorized` or
 * `invalid_directory_response`. A failing directory says nothing about an assertion and never causes a 401
 * (docs/protocol.md section 11).
 *
 * @param onFailure Called with the error as the directory threw it.
 */
export function errorMappingDirectory(
  directory: AgentDirectory,
  onFailure: ((error: unknown) => void) | undefined,
  monotonicClock: Clock,
): AgentDirectory {
  const report = createFailureReporter(onFailure, describeForeignError, monotonicClock);

  function fail(error: unknown): never {
    report(error);
    throw toDirectoryError(error);
  }

  function lookUp<Entry>(
    call: () => MaybePromise<Entry>,
    check: (entry: Entry) => Entry,
  ): MaybePromise<Entry> {
    try {
      const entry = call();
      return isThenable(entry) ? Promise.resolve(entry).then(check).catch(fail) : check(entry);
    } catch (error) {
      return fail(error);
    }
  }

  return {
    findAgentRuntime: (id) => lookUp(() => directory.findAgentRuntime(id), requireUsableKey),
    findAgentTask: (id, taskId) =>
      lookUp(
        () => directory.findAgentTask(id, taskId),
        (task) => task,
      ),
  };
}

/** Query builders can be awaited, but are not promises. */
function isThenable<Entry>(value: MaybePromise<Entry>): value is Promise<Entry> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** @throws AgentIdentityError `invalid_argument` for a key that is not an `AgentPublicKey`, such as an OpenSSH line */
function requireUsableKey(runtime: AgentRuntimeEntry | undefined): AgentRuntimeEntry | undefined {
  if (runtime) requireMethods(runtime.publicKey, ['verify'], 'publicKey', 'an AgentPublicKey');
  return runtime;
}

const directoryCodes = [
  'directory_unavailable',
  'directory_unauthorized',
  'invalid_directory_response',
] as const;

/** Keeps the cause only if it belongs to this family, whose errors contain no secrets. */
function toDirectoryError(error: unknown): Error {
  if (isAgentIdentityError(error, ...directoryCodes)) return error;
  return verificationError('directory_unavailable', 'the directory failed to answer; try again', {
    retryable: true,
    ...(isAgentIdentityError(error) && { cause: error }),
  });
}

/** Directories of this package report their own failures. */
function describeForeignError(error: unknown): string | undefined {
  if (isAgentIdentityError(error, ...directoryCodes)) return undefined;
  return `the agent directory failed: ${describeError(error)}. The option onDirectoryFailure receives the error itself`;
}
