/** A row and its place in its list. */
export interface PlacedRow<Row> {
  readonly row: Row;
  readonly place: readonly [number, string];
}

/** Whether a place comes after another in a list that has the newest first. */
export function isBehind(
  [time, id]: readonly [number, string],
  after: readonly [number, string] | undefined,
): boolean {
  if (after === undefined) return true;
  return time === after[0] ? id < after[1] : time < after[0];
}

export function newestFirst<Row>(rows: readonly PlacedRow<Row>[]): Row[] {
  return rows.toSorted((one, other) => (isBehind(one.place, other.place) ? 1 : -1)).map(({ row }) => row);
}
