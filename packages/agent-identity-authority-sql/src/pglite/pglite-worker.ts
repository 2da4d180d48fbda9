import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { SyncingNodeFs, syncingSettings } from './syncing-node-fs.js';
import type { WorkerFailure, WorkerRequest, WorkerResponse, WorkerStart } from './worker-messages.js';

// The worker thread that PGlite runs in: it blocks while it works, and never returns after some failures.

const { folder, isNew } = workerData as WorkerStart;
const send = (message: WorkerResponse) => parentPort?.postMessage(message);

/** Small, because there is only one process with one connection. */
const settings = [...syncingSettings, 'shared_buffers=16MB', 'max_wal_size=32MB', 'min_wal_size=4MB'];

/** The last message of a Postgres that terminated. Its errors do not contain it. */
let lastFatalMessage = '';

const database = await PGlite.create({
  fs: new SyncingNodeFs(folder),
  ...(isNew && { loadDataDir: await readImage() }),
  startParams: [
    // -F disables fsync.
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    ...settings.flatMap((setting) => ['-c', setting]),
  ],
  onStderr(line) {
    const [message] = /(?:PANIC|FATAL): .*/.exec(line) ?? [];
    lastFatalMessage = message ?? lastFatalMessage;
    return true;
  },
}).catch((error: unknown) => {
  throw new Error(toWorkerFailure(error).message);
});

parentPort?.on('message', async (request: WorkerRequest) => {
  if (request.kind === 'close') {
    await database.close();
    parentPort?.close();
    return;
  }
  const { id, statement, parameters } = request;
  try {
    const { rows } = await database.query<readonly unknown[]>(statement, [...parameters], {
      rowMode: 'array',
    });
    send({ kind: 'rows', id, rows });
  } catch (error) {
    send({ kind: 'failure', id, failure: toWorkerFailure(error) });
  }
});
send({ kind: 'open' });

/** The image that the build creates. */
async function readImage(): Promise<Blob> {
  const image = await readFile(new URL('./empty-database.tar.gz', import.meta.url));
  return new Blob([image], { type: 'application/gzip' });
}

function toWorkerFailure(error: unknown): WorkerFailure {
  const message = error instanceof Error ? error.message : 'unknown failure';
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return { message: lastFatalMessage === '' ? message : `PGlite: ${lastFatalMessage} (${message})`, code };
}
