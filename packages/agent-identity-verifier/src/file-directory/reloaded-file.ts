import { readFile, stat } from 'node:fs/promises';
import type { Clock } from 'agent-identity-core';
import { createSingleFlight, systemErrorCode } from 'agent-identity-core/http';
import type { MaybePromise } from '../agent-directory.js';
import { type VerificationError, verificationError } from '../errors.js';
import type { MemoryDirectory } from '../memory-directory.js';
import { invalidFile, readDirectoryFile } from './read-directory-file.js';

/** A directory file, and how it is read. */
export interface ReloadedFileSettings {
  readonly path: string | URL;
  readonly recheckSeconds: number;
  readonly maxBytes: number;
  readonly monotonicClock: Clock;
  readonly report: (failure: VerificationError) => void;
}

/**
 * The content of a directory file. A lookup reads the file again if the last check was too long ago, and parses it only if
 * its bytes have changed. There is no watcher and no timer, so there is nothing to close, and a replaced file, a swapped
 * link or a network drive is never missed.
 */
export class ReloadedFile {
  readonly #settings: ReloadedFileSettings;
  readonly #flights = createSingleFlight<void>();
  /** The content in effect. */
  #current: { readonly bytes: Buffer; readonly directory: MemoryDirectory } | undefined;
  /** Why the last check found no valid content. */
  #failure: VerificationError | undefined;
  /** The invalid content that the last check found. */
  #invalidBytes: Buffer | undefined;
  #wasRead = false;
  /** By the monotonic clock. */
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: ReloadedFileSettings) {
    this.#settings = settings;
  }

  /** Returns the content in effect: synchronously if the last check is recent. Throws or rejects if there is none. */
  read(): MaybePromise<MemoryDirectory> {
    const { monotonicClock, recheckSeconds } = this.#settings;
    if ((monotonicClock() - this.#checkedAt) / 1000 < recheckSeconds) return this.#requireCurrent();
    return this.#flights.join('check', () => this.#check()).then(() => this.#requireCurrent());
  }

  #requireCurrent(): MemoryDirectory {
    if (this.#current === undefined) throw this.#failure;
    return this.#current.directory;
  }

  async #check(): Promise<void> {
    const startedAt = this.#settings.monotonicClock();
    let bytes: Buffer | undefined;
    try {
      bytes = await readBounded(this.#settings);
      if (this.#invalidBytes?.equals(bytes)) return;
      if (!this.#current?.bytes.equals(bytes)) {
        this.#current = { bytes, directory: readDirectoryFile(bytes, this.#current?.directory) };
      }
      this.#failure = undefined;
      this.#invalidBytes = undefined;
      this.#wasRead = true;
    } catch (error) {
      this.#recordFailure(error as VerificationError, bytes);
    } finally {
      this.#checkedAt = startedAt;
    }
  }

  /** Invalid content leaves the previous content in effect; an unreadable file does not. */
  #recordFailure(failure: VerificationError, invalidBytes: Buffer | undefined): void {
    const isNew = invalidBytes !== undefined || failure.message !== this.#failure?.message;
    if (failure.code === 'directory_unavailable') this.#current = undefined;
    this.#failure = failure;
    this.#invalidBytes = invalidBytes;
    // The failure of the first read rejects `fileDirectory` instead.
    if (isNew && this.#wasRead) this.#settings.report(failure);
  }
}

/** @throws AgentIdentityError `directory_unavailable`, `invalid_directory_file` */
async function readBounded({ path, maxBytes }: ReloadedFileSettings): Promise<Buffer> {
  const stats = await stat(path).catch(failUnreadable);
  // Reading anything else, such as a pipe, could wait forever.
  if (!stats.isFile()) throw unavailable('it is not a regular file');
  if (stats.size > maxBytes) throw invalidFile(`expected at most ${maxBytes} bytes`);
  return readFile(path).catch(failUnreadable);
}

function failUnreadable(error: unknown): never {
  throw unavailable(systemErrorCode(error) ?? 'the reason is unknown');
}

function unavailable(reason: string): VerificationError {
  return verificationError('directory_unavailable', `the directory file cannot be read: ${reason}`, {
    retryable: true,
  });
}
