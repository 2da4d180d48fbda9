import { Worker } from 'node:worker_threads';
import { withDeadline } from 'agent-identity-core/http';
import type { SqlConnection } from '../sql/sql-database.js';
import type { WorkerFailure, WorkerRequest, WorkerResponse, WorkerStart } from './worker-messages.js';

/** PGlite in a worker thread. */
export interface PgliteThread extends SqlConnection {
  /** Shuts the database down cleanly, then ends the thread. */
  close(): Promise<void>;
  /** Ends the thread immediately; running queries reject. The database recovers when it is opened again. */
  terminate(): Promise<void>;
  /** False after a failure that requires a restart of Postgres. */
  readonly isHealthy: boolean;
}

/** Options for `startPgliteThread`. */
export interface PgliteThreadOptions {
  readonly timeoutSeconds: number;
  /** Whether to create an empty database first. */
  readonly isNew: boolean;
}

/**
 * Starts the thread and opens the database in this folder.
 *
 * PGlite needs a thread because it blocks its own: during each fsync, and forever after some failures, such as a full disk.
 * A thread can be ended from outside.
 */
export async function startPgliteThread(
  folder: string,
  { timeoutSeconds, isNew }: PgliteThreadOptions,
): Promise<PgliteThread> {
  const workerData: WorkerStart = { folder, isNew };
  // Without the options of this process, which may concern its entry point.
  const worker = new Worker(new URL('./pglite-worker.js', import.meta.url), { workerData, execArgv: [] });
  const thread = new Thread(worker);
  try {
    await withDeadline({ timeoutSeconds }, () => thread.opened);
    return thread;
  } catch (error) {
    await thread.terminate();
    throw error;
  }
}

interface PendingQuery {
  resolve(rows: readonly (readonly unknown[])[]): void;
  reject(error: Error): void;
}

class Thread implements PgliteThread {
  readonly opened: Promise<void>;
  readonly #worker: Worker;
  readonly #pending: Map<number, PendingQuery> = new Map();
  readonly #exited: Promise<void>;
  #nextId = 0;
  #isHealthy = true;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.opened = new Promise((resolve, reject) => {
      worker.on('message', (message: WorkerResponse) => {
        if (message.kind === 'open') resolve();
        else this.#settle(message);
      });
      worker.on('error', (error) => {
        reject(error);
        this.#rejectAll(error);
      });
      worker.on('exit', () => reject(new Error('PGlite exited before it was open')));
    });
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#rejectAll(new Error('PGlite exited'));
        resolve();
      });
    });
  }

  get isHealthy(): boolean {
    return this.#isHealthy;
  }

  query(statement: string, parameters: readonly unknown[] = []): Promise<readonly (readonly unknown[])[]> {
    if (!this.#isHealthy) return Promise.reject(new Error('PGlite failed'));
    this.#nextId += 1;
    const id = this.#nextId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send({ kind: 'query', id, statement, parameters });
    });
  }

  async close(): Promise<void> {
    if (this.#isHealthy) this.#send({ kind: 'close' });
    this.#isHealthy = false;
    await this.#exited;
  }

  async terminate(): Promise<void> {
    this.#isHealthy = false;
    await this.#worker.terminate();
  }

  #send(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(response: Exclude<WorkerResponse, { readonly kind: 'open' }>): void {
    const pending = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if (response.kind === 'rows') {
      pending?.resolve(response.rows);
      return;
    }
    if (!isStatementFailure(response.failure)) this.#isHealthy = false;
    const { message, code } = response.failure;
    pending?.reject(Object.assign(new Error(message), { code }));
  }

  #rejectAll(error: Error): void {
    this.#isHealthy = false;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/**
 * Whether a failure concerns only the statement: data (22), a constraint (23), a conflict (40), or a missing object (42P).
 * After a failed write, PGlite does not exit like Postgres, but waits forever for its own lock.
 */
function isStatementFailure({ code = '' }: WorkerFailure): boolean {
  return /^(?:22|23|40|42P)/.test(code);
}
