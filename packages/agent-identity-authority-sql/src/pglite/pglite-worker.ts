import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { SyncingNodeFs, syncingSettings } from './syncing-node-fs.js';
import type { WorkerAnswer, WorkerFailure, WorkerRequest, WorkerStart } from './worker-messages.js';

// The thread that PGlite runs in: it blocks while it works, and after some failures it never returns.

const { folder } = workerData as WorkerStart;
const answer = (message: WorkerAnswer) => parentPort?.postMessage(message);

/** Small, because one process and one connection is all there is. */
const settings = [...syncingSettings, 'shared_buffers=16MB', 'max_wal_size=32MB', 'min_wal_size=4MB'];

/** The last words of a Postgres that had to give up, which its errors leave out. */
let lastFatalMessage = '';

const database = await PGlite.create({
  fs: new SyncingNodeFs(folder),
  initDbStartParams: ['--wal-segsize=1'],
  startParams: [
    // -F turns syncing off.
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    ...settings.flatMap((setting) => ['-c', setting]),
  ],
  onStderr(line) {
    const [words] = /(?:PANIC|FATAL): .*/.exec(line) ?? [];
    lastFatalMessage = words ?? lastFatalMessage;
    return true;
  },
}).catch((error: unknown) => {
  throw new Error(failureOf(error).message);
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
    answer({ kind: 'rows', id, rows });
  } catch (error) {
    answer({ kind: 'failure', id, failure: failureOf(error) });
  }
});
answer({ kind: 'open' });

function failureOf(error: unknown): WorkerFailure {
  const message = error instanceof Error ? error.message : 'it failed';
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return { message: lastFatalMessage === '' ? message : `PGlite: ${lastFatalMessage} (${message})`, code };
}
