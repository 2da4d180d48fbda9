import { setTimeout as sleep } from 'node:timers/promises';
import {
  createSqlSession,
  type SqlConnection,
  type SqlSession,
  sqlStateOf,
  unwrapDrizzleError,
} from './sql-database.js';

/** Temporary conflicts: the transaction may succeed if it is repeated. */
const conflictStates: ReadonlySet<string | undefined> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
]);

const maxAttempts = 10;

/** Runs a single statement, and repeats it after a conflict. */
export async function runStatement<Result>(
  connection: SqlConnection,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(connection);
    } catch (failure) {
      if (attempt === maxAttempts || !conflictStates.has(sqlStateOf(failure))) throw failure;
      await sleep(10 * attempt);
    }
  }
}

/**
 * Runs the work between BEGIN and COMMIT, and repeats it after a conflict: databases that isolate more than they are asked
 * to refuse some transactions and expect a retry. A failure rolls back.
 */
export async function runInTransaction<Result>(
  connection: SqlConnection,
  work: (session: SqlSession) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // A change must see what committed before it locked its rows, whatever the server's default is.
      await connection.query('begin isolation level read committed');
      const result = await work(createSqlSession(connection));
      await connection.query('commit');
      return result;
    } catch (failure) {
      // If this fails too, the connection is gone, and the transaction with it.
      const isRolledBack = await connection.query('rollback').then(
        () => true,
        () => false,
      );
      if (!isRolledBack || attempt === maxAttempts || !conflictStates.has(sqlStateOf(failure))) {
        throw unwrapDrizzleError(failure);
      }
      await sleep(10 * attempt);
    }
  }
}
