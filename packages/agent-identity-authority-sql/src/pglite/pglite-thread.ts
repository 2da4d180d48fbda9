import { Worker } from 'node:worker_threads';
import type { SqlConnection } from '../sql/sql-database.js';
import { withDeadline } from '../with-deadline.js';
import type { WorkerAnswer, WorkerFailure, WorkerRequest, WorkerStart } from './worker-messages.js';

/** PGlite in a thread of its own. */
export interface PgliteThread extends SqlConnection {
  /** Ends the database in good order, and the thread with it. */
  close(): Promise<void>;
  /** Ends the thread, whatever it does; what it was asked rejects. The database recovers when it is opened again. */
  terminate(): Promise<void>;
  /** Whether it still answers: nothing has failed in a way after which Postgres must be started anew. */
  readonly usable: boolean;
}

/**
 * Starts the thread and opens the database in this folder, which is made if it is not there.
 *
 * A thread, because PGlite blocks the one that it runs in: for each fsync, and for ever after some failures, such as a
 * full disk. A thread can be ended from outside.
 */
export async function startPgliteThread(folder: string, milliseconds: number): Promise<PgliteThread> {
  const workerData: WorkerStart = { folder };
  // Without the process's own options: those may be about its entry point.
  const worker = new Worker(new URL('./pglite-worker.js', import.meta.url), { workerData, execArgv: [] });
  const thread = new Thread(worker);
  try {
    await withDeadline(milliseconds, () => thread.opened);
    return thread;
  } catch (error) {
    await thread.terminate();
    throw error;
  }
}

interface Pending {
  resolve(rows: readonly (readonly unknown[])[]): void;
  reject(error: Error): void;
}

class Thread implements PgliteThread {
  readonly opened: Promise<void>;
  readonly #worker: Worker;
  readonly #pending: Map<number, Pending> = new Map();
  readonly #exited: Promise<void>;
  #nextId = 0;
  #usable = true;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.opened = new Promise((resolve, reject) => {
      worker.on('message', (message: WorkerAnswer) => {
        if (message.kind === 'open') resolve();
        else this.#settle(message);
      });
      worker.on('error', (error) => {
        reject(error);
        this.#end(error);
      });
      worker.on('exit', () => reject(new Error('PGlite has ended before it was open')));
    });
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#end(new Error('PGlite has ended'));
        resolve();
      });
    });
  }

  get usable(): boolean {
    return this.#usable;
  }

  query(statement: string, parameters: readonly unknown[] = []): Promise<readonly (readonly unknown[])[]> {
    if (!this.#usable) return Promise.reject(new Error('PGlite has failed'));
    this.#nextId += 1;
    const id = this.#nextId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#ask({ kind: 'query', id, statement, parameters });
    });
  }

  async close(): Promise<void> {
    if (this.#usable) this.#ask({ kind: 'close' });
    this.#usable = false;
    await this.#exited;
  }

  async terminate(): Promise<void> {
    this.#usable = false;
    await this.#worker.terminate();
  }

  #ask(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(answer: Exclude<WorkerAnswer, { readonly kind: 'open' }>): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.kind === 'rows') {
      pending?.resolve(answer.rows);
      return;
    }
    if (!isHarmless(answer.failure)) this.#usable = false;
    const { message, code } = answer.failure;
    pending?.reject(Object.assign(new Error(message), { code }));
  }

  #end(error: Error): void {
    this.#usable = false;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/**
 * Only what concerns the statement alone: data (22), a constraint (23), a conflict (40), something that is not there
 * (42P). After a failure to write, PGlite does not end as Postgres would, and waits for ever for a lock of its own.
 */
function isHarmless({ code = '' }: WorkerFailure): boolean {
  return /^(?:22|23|40|42P)/.test(code);
}
