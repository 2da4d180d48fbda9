/** A request to the worker thread that PGlite runs in. */
export type WorkerRequest =
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly statement: string;
      readonly parameters: readonly unknown[];
    }
  | { readonly kind: 'close' };

/** A message from the worker: once when the database is open, then one for each query. */
export type WorkerResponse =
  | { readonly kind: 'open' }
  | { readonly kind: 'rows'; readonly id: number; readonly rows: readonly (readonly unknown[])[] }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: WorkerFailure };

/** The part of an error that may leave the worker: Postgres' details quote rows. */
export interface WorkerFailure {
  readonly message: string;
  readonly code: string | undefined;
}

/** The data that the worker starts with. */
export interface WorkerStart {
  /** The folder of the database itself. */
  readonly folder: string;
  /** Whether to create an empty database there first. */
  readonly isNew: boolean;
}
