import { isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument, requireMethods } from 'agent-identity-core/http';
import { requireAgentActor } from './agent-actor.js';
import type {
  AgentDirectory,
  AgentRuntimeEntry,
  MaybePromise,
  RuntimeAgentInstanceEntry,
} from './agent-directory.js';
import { isDirectoryError, type VerifierFailureSource } from './create-failure-reporter.js';
import { verificationError } from './errors.js';

/** The look-ups of a directory. */
export type LookUps = Omit<Required<AgentDirectory>, 'subscribe'>;

/**
 * Wraps a directory so that it fails only with `directory_unavailable`, `directory_unauthorized` or
 * `invalid_directory_response`. A failing directory says nothing about an assertion and never causes a 401
 * (docs/protocol.md section 11).
 *
 * @param report Called with the error as the directory threw it.
 */
export function errorMappingDirectory(
  directory: LookUps,
  report: (error: unknown, source: VerifierFailureSource) => void,
): LookUps {
  function fail(error: unknown): never {
    report(error, 'directory');
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
    findAgentRuntime: (id) => lookUp(() => directory.findAgentRuntime(id), requireUsableRuntime),
    findAgentTask: (id, taskId) =>
      lookUp(
        () => directory.findAgentTask(id, taskId),
        (task) => task,
      ),
    findRuntimeAgentInstance: (id) =>
      lookUp(() => directory.findRuntimeAgentInstance(id), requireUsableInstance),
  };
}

/** Query builders can be awaited, but are not promises. */
function isThenable<Entry>(value: MaybePromise<Entry>): value is Promise<Entry> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** @throws AgentIdentityError `invalid_argument` for a key that is not an `AgentPublicKey`, such as an OpenSSH line */
function requireUsableKey<Entry extends Pick<AgentRuntimeEntry, 'publicKey'>>(
  entry: Entry | undefined,
): Entry | undefined {
  if (entry) requireMethods(entry.publicKey, ['verify'], 'publicKey', 'an AgentPublicKey');
  return entry;
}

function requireUsableRuntime(runtime: AgentRuntimeEntry | undefined): AgentRuntimeEntry | undefined {
  if (runtime?.capabilities !== undefined && !Array.isArray(runtime.capabilities)) {
    throw invalidArgument('capabilities', 'a list of capabilities', runtime.capabilities);
  }
  return requireUsableKey(runtime);
}

function requireUsableInstance(
  instance: RuntimeAgentInstanceEntry | undefined,
): RuntimeAgentInstanceEntry | undefined {
  if (instance) requireAgentActor(instance.actor, 'actor');
  return requireUsableKey(instance);
}

/** Keeps the cause only if it belongs to this family, whose errors contain no secrets. */
function toDirectoryError(error: unknown): Error {
  if (isDirectoryError(error)) return error;
  return verificationError('directory_unavailable', 'the directory failed to answer; try again', {
    retryable: true,
    ...(isAgentIdentityError(error) && { cause: error }),
  });
}
