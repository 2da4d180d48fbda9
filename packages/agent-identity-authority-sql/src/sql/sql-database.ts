import type { StoreChange } from 'agent-identity-authority-core';
import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy';

/** One connection to a database that speaks Postgres' SQL. */
export interface SqlConnection {
  /** Runs one statement; gives its rows as arrays. Rejects with an error whose `code` is the SQLSTATE, if it has one. */
  query(statement: string, parameters?: readonly unknown[]): Promise<readonly (readonly unknown[])[]>;
}

/** drizzle on one connection. */
export type SqlSession = PgRemoteDatabase;

/** Where the tables of `schema.ts` are. Every call is bounded in time, and a broken connection is made anew. */
export interface SqlDatabase {
  /** Runs the work in one transaction. It may be run again after a conflict with others, so it must be free of effects. */
  transaction<Answer>(work: (session: SqlSession) => Promise<Answer>): Promise<Answer>;
  /** Runs statements that each stand for themselves. */
  read<Answer>(work: (session: SqlSession) => Promise<Answer>): Promise<Answer>;
  /** Lets other nodes know, once and if the transaction is committed. */
  announce(session: SqlSession, change: StoreChange): Promise<void>;
  close(): Promise<void>;
}

/** drizzle makes the statements, and the connection runs them. */
export function sqlSession(connection: SqlConnection): SqlSession {
  return drizzle(async (statement, parameters) => ({
    rows: (await connection.query(statement, parameters)) as unknown[],
  }));
}

/** The SQLSTATE of a failure, in whatever it is wrapped; `undefined` for one that is not of the database's making. */
export function sqlStateOf(failure: unknown): string | undefined {
  for (let error = failure; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code))
      return error.code;
  }
  return undefined;
}

/** Makes the transaction run again, by the SQLSTATE of a conflict that passes. */
export function transactionConflict(message: string): Error {
  return Object.assign(new Error(message), { code: '40001' });
}

/** drizzle's own errors quote all parameters: what is beneath them says enough, and less. */
export function unwrapDrizzleError(failure: unknown): unknown {
  return failure instanceof Error && 'params' in failure && failure.cause !== undefined
    ? failure.cause
    : failure;
}
