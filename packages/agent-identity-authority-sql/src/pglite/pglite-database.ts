import type { OnFailure } from 'agent-identity-authority-core';
import { inTransaction } from '../sql/in-transaction.js';
import { type SqlConnection, type SqlDatabase, sqlSession, unwrapDrizzleError } from '../sql/sql-database.js';
import { withDeadline } from '../with-deadline.js';
import { workerSupervisor } from './worker-supervisor.js';

export interface PgliteDatabaseOptions {
  /** The folder of the database itself. */
  readonly folder: string;
  readonly timeoutMilliseconds: number;
  readonly onFailure: OnFailure;
}

/** A `SqlDatabase` with the one connection that there is. */
export interface PgliteDatabase extends SqlDatabase {
  /** Runs something on the connection by itself. */
  exclusively<Answer>(work: (connection: SqlConnection) => Promise<Answer>): Promise<Answer>;
}

/** So often, dead rows are cleared away, and transaction ids put to rest: PGlite has nobody else who does it. */
const transactionsBetweenVacuums = 10_000;

/**
 * PGlite in a folder: one call after the other. Whenever PGlite fails in a way that leaves it useless, or does not
 * answer in time, its thread is ended, and the next call starts another one, which recovers.
 */
export async function openPgliteDatabase(options: PgliteDatabaseOptions): Promise<PgliteDatabase> {
  const { timeoutMilliseconds, onFailure } = options;
  const threads = workerSupervisor(options.folder);
  await threads.open();
  const inTurn = turns();
  let transactions = 0;

  const exclusively: PgliteDatabase['exclusively'] = (work) =>
    withDeadline(timeoutMilliseconds, (signal) =>
      inTurn(async () => {
        signal.throwIfAborted();
        return threads.use(work, signal);
      }),
    );

  return {
    exclusively,
    async transaction(work) {
      const answer = await exclusively((connection) => inTransaction(connection, work));
      transactions += 1;
      if (transactions % transactionsBetweenVacuums === 0) {
        inTurn(() => threads.use((connection) => connection.query('vacuum analyze'))).catch(onFailure);
      }
      return answer;
    },
    read: (work) =>
      exclusively(async (connection) => {
        try {
          return await work(sqlSession(connection));
        } catch (failure) {
          throw unwrapDrizzleError(failure);
        }
      }),
    // There are no other nodes.
    announce: async () => {},
    close: () => inTurn(() => threads.close()),
  };
}

/** Runs one work after the other, in the order of asking. */
function turns(): <Answer>(work: () => Promise<Answer>) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
}
