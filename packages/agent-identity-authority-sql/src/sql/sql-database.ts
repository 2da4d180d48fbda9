import type { StoreChange } from 'agent-identity-authority-core';
import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy';

/** One connection to a database that speaks Postgres' SQL. */
export interface SqlConnection {
  /**
   * Runs one statement and returns its rows as arrays. Rejects with an error whose `code` is the SQLSTATE, if it has one.
   *
   * @param name Of a statement that each connection prepares once, because planning it takes as long as running it.
   */
  query(
    statement: string,
    parameters?: readonly unknown[],
    name?: string,
  ): Promise<readonly (readonly unknown[])[]>;
}

/** drizzle on one connection. */
export type SqlSession = PgRemoteDatabase;

/** The database with the tables of `schema.ts`. Every call has a time limit; a broken connection is replaced. */
export interface SqlDatabase {
  /** Runs the work in one transaction. The work may run again after a conflict, so it must have no other effects. */
  transaction<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result>;
  /** Runs one changing statement, which is a transaction of its own. The work may run again after a conflict. */
  write<Result>(work: (connection: SqlConnection) => Promise<Result>): Promise<Result>;
  /** Runs reading statements without a transaction around them. Does not wait for transactions on Postgres. */
  read<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result>;
  /** Notifies other nodes when the transaction commits. */
  announce(session: SqlSession, change: StoreChange): Promise<void>;
  close(): Promise<void>;
}

/** Builds statements with drizzle and runs them on the connection. */
export function createSqlSession(connection: SqlConnection): SqlSession {
  return drizzle(async (statement, parameters) => ({
    rows: (await connection.query(statement, parameters)) as unknown[],
  }));
}

/** Returns the SQLSTATE of an error or of one of its causes; `undefined` if the database did not report one. */
export function sqlStateOf(failure: unknown): string | undefined {
  for (let error = failure; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code))
      return error.code;
  }
  return undefined;
}

/** Creates an error that makes the transaction run again: it has the SQLSTATE of a temporary conflict. */
export function transactionConflict(message: string): Error {
  return Object.assign(new Error(message), { code: '40001' });
}

/** drizzle's own errors quote all parameters; their cause is enough. */
export function unwrapDrizzleError(failure: unknown): unknown {
  return failure instanceof Error && 'params' in failure && failure.cause !== undefined
    ? failure.cause
    : failure;
}
