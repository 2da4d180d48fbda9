import { and, desc, eq, lt, or, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** The columns that a list is sorted by, newest first: a time, then an id. */
export interface KeyColumns {
  readonly time: PgColumn;
  readonly id: PgColumn;
}

export function orderNewestFirst({ time, id }: KeyColumns): SQL[] {
  return [desc(time), desc(id)];
}

/** The condition that a row comes after the cursor. */
export function isAfterCursor(
  { time, id }: KeyColumns,
  cursor: readonly [number, string] | undefined,
): SQL | undefined {
  return cursor && or(lt(time, cursor[0]), and(eq(time, cursor[0]), lt(id, cursor[1])));
}
