import type { SqlConnection } from '../sql/sql-database.js';
import { withDeadline } from '../with-deadline.js';
import { type PgliteThread, startPgliteThread } from './pglite-thread.js';

/** Keeps one thread of PGlite running, as long as it is asked for. */
export interface WorkerSupervisor {
  /** Starts a thread if none runs. */
  open(): Promise<void>;
  /** Lets the work use the thread; one work at a time. The thread is ended if the signal is aborted meanwhile. */
  use<Answer>(work: (connection: SqlConnection) => Promise<Answer>, signal?: AbortSignal): Promise<Answer>;
  /** No thread is started afterwards. */
  close(): Promise<void>;
}

/** How long opening may take: the first time makes the files, and after a crash Postgres recovers. */
const openMilliseconds = 120_000;
/** How long the last checkpoint may take. What it leaves undone is done when the folder is opened again. */
const closeMilliseconds = 10_000;
/** A database that cannot be opened is not tried at every call: a full disk stays full for a while. */
const retryMilliseconds = 1000;

export function workerSupervisor(folder: string): WorkerSupervisor {
  return new Keeper(folder);
}

class Keeper implements WorkerSupervisor {
  readonly #folder: string;
  #thread: Promise<PgliteThread> | undefined;
  #lastFailure: { readonly error: unknown; readonly at: number } | undefined;
  #closed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(): Promise<void> {
    await this.#running();
  }

  async use<Answer>(
    work: (connection: SqlConnection) => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const thread = await this.#running();
    // Opening goes on for the calls to come, but this one is over.
    signal?.throwIfAborted();
    const terminate = () => void thread.terminate();
    signal?.addEventListener('abort', terminate, { once: true });
    try {
      return await work(thread);
    } finally {
      signal?.removeEventListener('abort', terminate);
      if (!thread.usable) await this.#discard(thread);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#thread?.catch(() => undefined);
    this.#thread = undefined;
    if (thread === undefined) return;
    await withDeadline(closeMilliseconds, () => thread.close()).catch(() => thread.terminate());
  }

  #running(): Promise<PgliteThread> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'));
    if (this.#thread === undefined) {
      const { error, at } = this.#lastFailure ?? { error: undefined, at: Number.NEGATIVE_INFINITY };
      if (performance.now() - at < retryMilliseconds) return Promise.reject(error);
      this.#thread = this.#start();
    }
    return this.#thread;
  }

  async #start(): Promise<PgliteThread> {
    try {
      return await startPgliteThread(this.#folder, openMilliseconds);
    } catch (error) {
      this.#lastFailure = { error, at: performance.now() };
      this.#thread = undefined;
      throw error;
    }
  }

  async #discard(thread: PgliteThread): Promise<void> {
    this.#thread = undefined;
    await thread.terminate();
  }
}
