import { setTimeout as sleep } from 'node:timers/promises';
import {
  type SqlConnection,
  type SqlSession,
  sqlSession,
  sqlStateOf,
  unwrapDrizzleError,
} from './sql-database.js';

/** Conflicts that pass: the same transaction may succeed when it is run again. */
const conflicts: ReadonlySet<string | undefined> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
]);

const maxAttempts = 10;

/**
 * Runs the work between BEGIN and COMMIT, and again after a conflict: databases that run transactions as if one after
 * the other refuse some of them, and ask for that. A failure rolls back.
 */
export async function inTransaction<Answer>(
  connection: SqlConnection,
  work: (session: SqlSession) => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.query('begin');
      const answer = await work(sqlSession(connection));
      await connection.query('commit');
      return answer;
    } catch (failure) {
      // If this fails too, the connection is gone, and the transaction with it.
      const rolledBack = await connection.query('rollback').then(
        () => true,
        () => false,
      );
      if (!rolledBack || attempt === maxAttempts || !conflicts.has(sqlStateOf(failure))) {
        throw unwrapDrizzleError(failure);
      }
      await sleep(10 * attempt);
    }
  }
}
