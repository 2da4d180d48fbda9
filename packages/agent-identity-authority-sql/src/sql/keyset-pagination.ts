import { and, desc, eq, lt, or, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** The columns that a list is ordered by, the newest first: a time, and an id for rows of one time. */
export interface PlaceColumns {
  readonly time: PgColumn;
  readonly id: PgColumn;
}

export function newestFirst({ time, id }: PlaceColumns): SQL[] {
  return [desc(time), desc(id)];
}

/** Whether a row comes after this place in such a list. */
export function isAfterCursor(
  { time, id }: PlaceColumns,
  place: readonly [number, string] | undefined,
): SQL | undefined {
  return place && or(lt(time, place[0]), and(eq(time, place[0]), lt(id, place[1])));
}
