import {
  type HttpEffects,
  invalidArgument,
  requireKnownOptions,
  requireSeconds,
  resolveEffects,
} from 'agent-identity-core/http';
import type { AgentDirectory, MaybePromise } from '../agent-directory.js';
import { createFailureReporter } from '../create-failure-reporter.js';
import { requireCount, requireListener, type VerificationError } from '../errors.js';
import type { MemoryDirectory } from '../memory-directory.js';
import { ReloadedFile } from './reloaded-file.js';

/** Options for `fileDirectory`. */
export interface FileDirectoryOptions {
  /** A JSON file with the content of `DirectoryFile`. Anyone who can write it decides which agents are accepted. */
  readonly path: string | URL;
  /** How often the file is read again while the directory is used, in seconds from 0 to 5. Default: 1. */
  readonly recheckSeconds?: number | undefined;
  /** The maximum size of the file, in bytes. Default: 16 MiB. */
  readonly maxBytes?: number | undefined;
  /**
   * Called once when the content becomes invalid (`invalid_directory_file`) and once when the file becomes unreadable
   * (`directory_unavailable`). Exceptions are ignored. Default: a process warning.
   */
  readonly onFailure?: ((failure: VerificationError) => void) | undefined;
}

/**
 * Opens a directory in a file, which is read again when it changes. Every verification that begins 5 s or more after a
 * change sees it; by default, every verification that begins 1 s or more after it.
 *
 * - Replace the file by renaming another one over it. If the file is written in place, a partial read is invalid JSON, and
 *   the next read gets the whole file.
 * - Invalid content changes nothing: the previous content stays in effect, and `onFailure` is called.
 * - A file that is missing or unreadable means `directory_unavailable` (503) until it is back.
 *
 * @throws AgentIdentityError `invalid_argument`; `directory_unavailable`, `invalid_directory_file` if the first read fails
 * @example
 * ```ts
 * import { createAssertionVerifier } from 'agent-identity-verifier';
 * import { fileDirectory } from 'agent-identity-verifier/file-directory';
 *
 * async function createVerifier() {
 *   const directory = await fileDirectory({ path: 'agents.json', onFailure: (failure) => console.error(failure) });
 *   return createAssertionVerifier({ directory });
 * }
 * ```
 */
export async function fileDirectory(
  options: FileDirectoryOptions,
  effects: Pick<HttpEffects, 'monotonicClock'> = {},
): Promise<AgentDirectory> {
  const { onFailure, ...settings } = resolveOptions(options);
  requireKnownOptions(effects, ['monotonicClock'], 'effects');
  const { monotonicClock } = resolveEffects(effects);
  const report = createFailureReporter(onFailure, ({ message }) => message, monotonicClock);
  const file = new ReloadedFile({ ...settings, monotonicClock, report });
  await file.read();
  return Object.freeze({
    findAgentRuntime: (agentRuntimeId: string) =>
      mapMaybePromise(file.read(), (directory) => directory.findAgentRuntime(agentRuntimeId)),
    findAgentTask: (agentRuntimeId: string, taskId: string) =>
      mapMaybePromise(file.read(), (directory) => directory.findAgentTask(agentRuntimeId, taskId)),
    findRuntimeAgentInstance: (runtimeAgentInstanceId: string) =>
      mapMaybePromise(file.read(), (directory) => directory.findRuntimeAgentInstance(runtimeAgentInstanceId)),
  });
}

function resolveOptions(options: FileDirectoryOptions) {
  requireKnownOptions(options, ['path', 'recheckSeconds', 'maxBytes', 'onFailure'], 'options');
  const { path, recheckSeconds = 1, maxBytes = 16_777_216, onFailure } = options;
  if (typeof path !== 'string' && !(path instanceof URL)) {
    throw invalidArgument('path', 'a path or a file: URL', path);
  }
  requireSeconds(recheckSeconds, 'recheckSeconds', { max: 5 });
  requireCount(maxBytes, 'maxBytes', 1);
  requireListener(onFailure, 'onFailure');
  return { path, recheckSeconds, maxBytes, onFailure };
}

function mapMaybePromise<Result>(
  directory: MaybePromise<MemoryDirectory>,
  map: (directory: MemoryDirectory) => Result,
): MaybePromise<Result> {
  return directory instanceof Promise ? directory.then(map) : map(directory);
}
