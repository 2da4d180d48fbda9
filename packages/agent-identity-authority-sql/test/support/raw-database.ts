import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { query } from 'test-support/postgres';
import type { StoreKind } from './store-kinds.js';

type Rows = Record<string, unknown>[];

/** Runs statements directly in the database of a closed store; returns the rows of the last one. */
export async function inDatabase(url: string, statements: readonly string[]): Promise<Rows> {
  return url.startsWith('pglite:')
    ? inPglite(url.slice('pglite:'.length), statements)
    : inPostgres(url, statements);
}

async function inPostgres(url: string, statements: readonly string[]): Promise<Rows> {
  let rows: Rows = [];
  for (const statement of statements) rows = await query(url, statement);
  return rows;
}

async function inPglite(folder: string, statements: readonly string[]): Promise<Rows> {
  const database = await PGlite.create(join(folder, 'database'));
  try {
    let rows: Rows = [];
    for (const statement of statements)
      rows = (await database.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await database.close();
  }
}

/** Whether a kind of store has a database. */
export function hasDatabase({ name }: StoreKind): boolean {
  return name !== 'memory:';
}
