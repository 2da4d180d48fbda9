/** What `inspectStore` found. */
export interface StoreInspection {
  /** 0 for a database without a store. */
  readonly schemaVersion: number;
  /** The schema version of this release: `openStore` migrates to it. */
  readonly latestSchemaVersion: number;
  /** Milliseconds; negative if the database's clock is behind. Null if the database uses the clock of this machine. */
  readonly databaseClockAheadMs: number | null;
}
