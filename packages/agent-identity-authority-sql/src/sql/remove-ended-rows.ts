import type { EndedRowsQuery, RemovedRows } from 'agent-identity-authority-core';
import { readEndedRowsQuery, toCursor } from 'agent-identity-authority-core/store';
import type { SqlDatabase } from './sql-database.js';

/** A table whose ended rows can be removed. */
export interface EndedRowsTable {
  /** Of the prepared statement. */
  readonly name: string;
  readonly table: string;
  /** The columns of the primary key. */
  readonly ids: readonly string[];
  /** Whether `candidate` has ended; `$1` is `revokedBefore`, `$2` is `unusedBefore` or null. */
  readonly hasEnded: string;
}

/** One step of a walk by the primary key. It needs no other index, which every registration and every use would update. */
export async function removeEndedRows(
  database: SqlDatabase,
  { name, table, ids, hasEnded }: EndedRowsTable,
  query: EndedRowsQuery,
): Promise<RemovedRows> {
  const { after = ids.map(() => ''), limit } = readEndedRowsQuery(query);
  const key = ids.join(', ');
  const start = ids.map((_, index) => `$${index + 4}`).join(', ');
  const [row] = await database.write((connection) =>
    connection.query(
      `with examined as materialized (
        select ${key} from ${table} where (${key}) > (${start}) order by ${key} limit $3
      ), removed as (
        delete from ${table} as candidate using examined
        where ${ids.map((id) => `candidate.${id} = examined.${id}`).join(' and ')} and (${hasEnded})
        returning 1
      )
      select (select count(*) from removed), (select count(*) from examined), ${key}
      from examined order by ${ids.map((id) => `${id} desc`).join(', ')} limit 1`,
      [query.revokedBefore, query.unusedBefore ?? null, limit, ...after],
      name,
    ),
  );
  if (row === undefined) return { removed: 0, nextCursor: null };
  const [removed, examined, ...last] = row;
  const isLast = Number(examined) < limit;
  return { removed: Number(removed), nextCursor: isLast ? null : toCursor(last.map(String)) };
}
