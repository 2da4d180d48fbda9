import { readFile, stat } from 'node:fs/promises';
import type { Clock } from 'agent-identity-core';
import type { MaybePromise } from '../agent-directory.js';
import { type VerificationError, verificationError } from '../errors.js';
import type { MemoryDirectory } from '../memory-directory.js';
import { invalidFile, readDirectoryFile } from './read-directory-file.js';

/** A file, and how it is looked at. */
export interface ReloadedFileSettings {
  readonly path: string | URL;
  readonly recheckSeconds: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly onFailure: (failure: VerificationError) => void;
}

/**
 * What a directory file says. It is read again when somebody asks and the last look was too long ago, and parsed when
 * its bytes are others. There is no watcher and no timer: nothing to close, and nothing that misses a replaced file, a
 * swapped link or a network drive.
 */
export class ReloadedFile {
  readonly #settings: ReloadedFileSettings;
  /** What counts. */
  #standing: { readonly bytes: Buffer; readonly directory: MemoryDirectory } | undefined;
  /** Why the last look brought nothing that counts. */
  #failure: VerificationError | undefined;
  /** The content that was not valid, if that is why. */
  #refused: Buffer | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> | undefined;

  constructor(settings: ReloadedFileSettings) {
    this.#settings = settings;
  }

  /** At once while the last look is recent. Throws, or rejects with, why there is nothing that counts. */
  current(): MaybePromise<MemoryDirectory> {
    const { clock, recheckSeconds } = this.#settings;
    // Taken absolutely, so that a clock set back prolongs nothing.
    if (Math.abs(clock() - this.#lookedAt) / 1000 < recheckSeconds) return this.#requireStanding();
    this.#pending ??= this.#look().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending.then(() => this.#requireStanding());
  }

  #requireStanding(): MemoryDirectory {
    if (this.#standing === undefined) throw this.#failure;
    return this.#standing.directory;
  }

  async #look(): Promise<void> {
    const startedAt = this.#settings.clock();
    let bytes: Buffer | undefined;
    try {
      bytes = await readBounded(this.#settings);
      if (this.#refused?.equals(bytes)) return;
      if (!this.#standing?.bytes.equals(bytes)) {
        this.#standing = { bytes, directory: readDirectoryFile(bytes, this.#standing?.directory) };
      }
      this.#failure = undefined;
      this.#refused = undefined;
    } catch (error) {
      this.#fail(error as VerificationError, bytes);
    } finally {
      this.#lookedAt = startedAt;
    }
  }

  /** Content that is not valid leaves what counted before; a file that cannot be read leaves nothing. */
  #fail(failure: VerificationError, refused: Buffer | undefined): void {
    const isNews = refused !== undefined || failure.message !== this.#failure?.message;
    if (failure.code === 'directory_unavailable') this.#standing = undefined;
    this.#failure = failure;
    this.#refused = refused;
    if (isNews) this.#settings.onFailure(failure);
  }
}

/** @throws AgentIdentityError `directory_unavailable`, `invalid_directory_file` */
async function readBounded({ path, maxBytes }: ReloadedFileSettings): Promise<Buffer> {
  const kind = await stat(path).catch(unreadable);
  // Anything else, such as a pipe, may keep a reader waiting for ever.
  if (!kind.isFile()) throw unavailable('it is no file');
  if (kind.size > maxBytes) throw invalidFile(`expected at most ${maxBytes} bytes`);
  return readFile(path).catch(unreadable);
}

function unreadable(error: NodeJS.ErrnoException): never {
  throw unavailable(error.code ?? 'for no known reason');
}

function unavailable(reason: string): VerificationError {
  return verificationError('directory_unavailable', `the directory file cannot be read: ${reason}`, {
    retryable: true,
  });
}
