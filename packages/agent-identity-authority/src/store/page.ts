/** Which part of a list to give. */
export interface PageRequest {
  /** The `nextCursor` of the page before; the first page without one. Opaque: only a store of this package reads it. */
  readonly cursor?: string | undefined;
  /** How many rows at most, 1 to 1000; 100 by default. */
  readonly limit?: number | undefined;
}

/** A part of a list, and where the next one begins. */
export interface Page<Row> {
  readonly items: readonly Row[];
  /** Null after the last row. */
  readonly nextCursor: string | null;
}
