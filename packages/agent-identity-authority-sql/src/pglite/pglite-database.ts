import type { OnFailure } from 'agent-identity-authority-core';
import { KeyedMutex, withDeadline } from 'agent-identity-core/http';
import { runInTransaction, runStatement } from '../sql/run-in-transaction.js';
import {
  createSqlSession,
  type SqlConnection,
  type SqlDatabase,
  unwrapDrizzleError,
} from '../sql/sql-database.js';
import { createWorkerSupervisor } from './worker-supervisor.js';

export interface PgliteDatabaseOptions {
  /** The folder of the database itself. */
  readonly folder: string;
  readonly timeoutSeconds: number;
  readonly onFailure: OnFailure;
}

/** A `SqlDatabase` with a single connection. */
export interface PgliteDatabase extends SqlDatabase {
  /**
   * Runs work on the connection while nothing else uses it.
   *
   * @param timeoutSeconds Default: the limit of every call.
   */
  runExclusively<Result>(
    work: (connection: SqlConnection) => Promise<Result>,
    timeoutSeconds?: number,
  ): Promise<Result>;
}

/** How often to vacuum, which removes dead rows and freezes transaction ids: PGlite has no autovacuum. */
const transactionsBetweenVacuums = 10_000;

/**
 * Opens PGlite in a folder; calls run one after the other. If PGlite fails in a way that it cannot recover from, or does not
 * respond in time, its thread is ended. The next call starts another one, which recovers the database.
 */
export async function openPgliteDatabase(options: PgliteDatabaseOptions): Promise<PgliteDatabase> {
  const { onFailure } = options;
  const supervisor = createWorkerSupervisor(options.folder);
  await supervisor.open();
  const mutex = new KeyedMutex();
  const inTurn = <Result>(work: () => Promise<Result>) => mutex.run('database', work);
  let transactions = 0;

  const runExclusively: PgliteDatabase['runExclusively'] = (work, timeoutSeconds = options.timeoutSeconds) =>
    withDeadline({ timeoutSeconds }, (signal) =>
      inTurn(async () => {
        signal.throwIfAborted();
        return supervisor.use(work, signal);
      }),
    );

  const countVacuum = async <Result>(changing: Promise<Result>): Promise<Result> => {
    const result = await changing;
    transactions += 1;
    if (transactions % transactionsBetweenVacuums === 0) {
      inTurn(() => supervisor.use((connection) => connection.query('vacuum analyze'))).catch(onFailure);
    }
    return result;
  };

  return {
    runExclusively,
    transaction: (work) => countVacuum(runExclusively((connection) => runInTransaction(connection, work))),
    write: (work) => countVacuum(runExclusively((connection) => runStatement(connection, work))),
    read: (work) =>
      runExclusively(async (connection) => {
        try {
          return await work(createSqlSession(connection));
        } catch (failure) {
          throw unwrapDrizzleError(failure);
        }
      }),
    // There are no other nodes.
    announce: async () => {},
    close: () => inTurn(() => supervisor.close()),
  };
}
