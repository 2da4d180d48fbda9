import type { Clock } from 'agent-identity-core';
import type { AgentDirectory, MaybePromise } from '../agent-directory.js';
import { invalidArgument, requireCount, type VerificationError } from '../errors.js';
import type { MemoryDirectory } from '../memory-directory.js';
import { quietly } from '../quietly.js';
import { ReloadedFile } from './reloaded-file.js';

/** Which file, and how often it is looked at. */
export interface FileDirectoryOptions {
  /** JSON of `DirectoryFile`. Whoever may write it decides who passes. */
  readonly path: string | URL;
  /** While the directory is used, the file is read again after so long: from 0 to 5, 1 by default. */
  readonly recheckSeconds?: number | undefined;
  /** A larger file is not valid; 16 MiB by default. */
  readonly maxBytes?: number | undefined;
}

/** What a file directory may be given in place of the runtime's own. */
export interface FileDirectoryEffects {
  /** Epoch milliseconds; `Date.now` by default. */
  readonly clock?: Clock | undefined;
  /**
   * Is told, once for each, of content that is not valid (`invalid_directory_file`) and of a file that cannot be read
   * (`directory_unavailable`). What it throws is ignored.
   */
  readonly onFailure?: ((failure: VerificationError) => void) | undefined;
}

/**
 * A directory in a file, which is read again when it changes: a verification that begins 5 s or more after a change sees
 * it, and by default one that begins 1 s after it.
 *
 * - Replace the file by renaming another over it. One that is written in place may be read half-written: that is not
 *   valid JSON, and the next look reads it whole.
 * - Content that is not valid changes nothing: what was valid before counts on, and `onFailure` is told.
 * - A file that is gone or cannot be read means `directory_unavailable` (503) until it is back.
 *
 * @throws AgentIdentityError `invalid_argument`, `directory_unavailable`, `invalid_directory_file` for the first reading
 */
export async function fileDirectory(
  { path, recheckSeconds = 1, maxBytes = 16_777_216 }: FileDirectoryOptions,
  { clock = Date.now, onFailure }: FileDirectoryEffects = {},
): Promise<AgentDirectory> {
  if (typeof path !== 'string' && !(path instanceof URL)) {
    throw invalidArgument('path', 'a path or a file: URL', path);
  }
  if (!(typeof recheckSeconds === 'number' && recheckSeconds >= 0 && recheckSeconds <= 5)) {
    throw invalidArgument('recheckSeconds', 'seconds from 0 to 5', recheckSeconds);
  }
  requireCount('maxBytes', maxBytes, 1);
  const file = new ReloadedFile({ path, recheckSeconds, maxBytes, clock, onFailure: quietly(onFailure) });
  await file.current();
  return Object.freeze({
    findAgentRuntime: (agentRuntimeId: string) =>
      ask(file.current(), (directory) => directory.findAgentRuntime(agentRuntimeId)),
    findAgentTask: (agentRuntimeId: string, taskId: string) =>
      ask(file.current(), (directory) => directory.findAgentTask(agentRuntimeId, taskId)),
  });
}

function ask<Answer>(
  current: MaybePromise<MemoryDirectory>,
  question: (directory: MemoryDirectory) => Answer,
): MaybePromise<Answer> {
  return current instanceof Promise ? current.then(question) : question(current);
}
