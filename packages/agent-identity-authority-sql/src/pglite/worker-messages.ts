/** What the thread that PGlite runs in is asked. */
export type WorkerRequest =
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly statement: string;
      readonly parameters: readonly unknown[];
    }
  | { readonly kind: 'close' };

/** What it answers: once that the database is open, and then to each query. */
export type WorkerAnswer =
  | { readonly kind: 'open' }
  | { readonly kind: 'rows'; readonly id: number; readonly rows: readonly (readonly unknown[])[] }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: WorkerFailure };

/** An error, as far as it may leave the thread: Postgres' details quote rows. */
export interface WorkerFailure {
  readonly message: string;
  readonly code: string | undefined;
}

/** What the thread is started with. */
export interface WorkerStart {
  /** The folder of the database itself. */
  readonly folder: string;
}
