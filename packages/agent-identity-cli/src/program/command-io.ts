/** What a command uses of its process. */
export interface CommandIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof globalThis.fetch;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Writes results to standard output. The text includes line ends. Rejects if nobody reads them any more. */
  readonly write: (text: string) => Promise<void>;
  /** Writes errors and notes to standard error. */
  readonly writeError: (text: string) => void;
  /** Reads standard input to its end, or until it has this many bytes. */
  readonly readInput: (maxBytes: number) => Promise<string>;
  /** Whether standard input is a terminal, so that reading it would wait for a person. */
  readonly isInputTerminal: boolean;
  /** Whether standard output is a terminal. Results are then colored, unless `NO_COLOR` is set. */
  readonly isOutputTerminal: boolean;
}
