import { type EndedRowsQuery, type RemovedRows, readEndedRowsQuery } from './ended-rows.js';
import { toPage } from './pagination.js';

/** A table in memory whose ended rows can be removed. */
export interface EndedRowsInMemory<Row> {
  readonly rows: Iterable<Row>;
  /** The primary key. */
  readonly idsOf: (row: Row) => readonly string[];
  readonly hasEnded: (row: Row) => boolean;
  readonly remove: (row: Row) => void;
}

/** One step of a walk by the primary key. */
export function removeEndedInMemory<Row>(
  query: EndedRowsQuery,
  { rows, idsOf, hasEnded, remove }: EndedRowsInMemory<Row>,
): RemovedRows {
  const { after, limit } = readEndedRowsQuery(query);
  const later = [...rows]
    .filter((row) => after === undefined || compareIds(idsOf(row), after) > 0)
    .sort((one, other) => compareIds(idsOf(one), idsOf(other)));
  const { items, nextCursor } = toPage(later, limit, idsOf);
  const ended = items.filter(hasEnded);
  for (const row of ended) remove(row);
  return { removed: ended.length, nextCursor };
}

function compareIds(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((id, position) => id !== other[position]);
  if (index === -1) return 0;
  return (one[index] ?? '') < (other[index] ?? '') ? -1 : 1;
}
