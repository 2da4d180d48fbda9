/** A row and its key in a list. */
export interface KeyedRow<Row> {
  readonly row: Row;
  readonly key: readonly [time: number, id: string];
}

/** Whether a key comes after the cursor in a list that is sorted newest first. */
export function isAfterCursor(
  [time, id]: readonly [number, string],
  cursor: readonly [number, string] | undefined,
): boolean {
  if (cursor === undefined) return true;
  return time === cursor[0] ? id < cursor[1] : time < cursor[0];
}

export function sortNewestFirst<Row>(rows: readonly KeyedRow<Row>[]): Row[] {
  return rows.toSorted((one, other) => (isAfterCursor(one.key, other.key) ? 1 : -1)).map(({ row }) => row);
}
