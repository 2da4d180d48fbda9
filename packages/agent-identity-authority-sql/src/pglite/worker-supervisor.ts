import { withDeadline } from 'agent-identity-core/http';
import type { SqlConnection } from '../sql/sql-database.js';
import { type PgliteThread, startPgliteThread } from './pglite-thread.js';

/** Keeps one PGlite thread running, and replaces it after a failure. */
export interface WorkerSupervisor {
  /** Starts a thread if none is running. */
  open(): Promise<void>;
  /** Runs one piece of work on the thread at a time. Ends the thread if the signal aborts before the work is done. */
  use<Result>(work: (connection: SqlConnection) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** Ends the thread; no thread is started afterwards. */
  close(): Promise<void>;
}

/** The limit of opening: after a crash, Postgres recovers. */
const openTimeoutSeconds = 120;
/** The time limit of the last checkpoint. The next opening finishes an incomplete checkpoint. */
const closeTimeoutSeconds = 10;
/** How long to wait before opening again after a failure: a full disk stays full for a while. */
const retryMilliseconds = 1000;

export function createWorkerSupervisor(folder: string): WorkerSupervisor {
  return new Supervisor(folder);
}

class Supervisor implements WorkerSupervisor {
  readonly #folder: string;
  #thread: Promise<PgliteThread> | undefined;
  #lastFailure: { readonly error: unknown; readonly at: number } | undefined;
  #isClosed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(): Promise<void> {
    await this.#ensureThread();
  }

  async use<Result>(
    work: (connection: SqlConnection) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const thread = await this.#ensureThread();
    // This call is over, but later calls can use the thread.
    signal?.throwIfAborted();
    const terminate = () => void thread.terminate();
    signal?.addEventListener('abort', terminate, { once: true });
    try {
      return await work(thread);
    } finally {
      signal?.removeEventListener('abort', terminate);
      if (!thread.isHealthy) await this.#discard(thread);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = await this.#thread?.catch(() => undefined);
    this.#thread = undefined;
    if (thread === undefined) return;
    await withDeadline({ timeoutSeconds: closeTimeoutSeconds }, () => thread.close()).catch(() =>
      thread.terminate(),
    );
  }

  #ensureThread(): Promise<PgliteThread> {
    if (this.#isClosed) return Promise.reject(new Error('the store is closed'));
    if (this.#thread === undefined) {
      const { error, at } = this.#lastFailure ?? { error: undefined, at: Number.NEGATIVE_INFINITY };
      if (performance.now() - at < retryMilliseconds) return Promise.reject(error);
      this.#thread = this.#start();
    }
    return this.#thread;
  }

  async #start(): Promise<PgliteThread> {
    try {
      return await startPgliteThread(this.#folder, { timeoutSeconds: openTimeoutSeconds, isNew: false });
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
