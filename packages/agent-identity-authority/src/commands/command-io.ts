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
  /** Whether standard output is a terminal. Tables then fit its width, and are colored unless `NO_COLOR` is set. */
  readonly isOutputTerminal: boolean;
  /** The width of that terminal, if it is known. */
  readonly outputColumns?: number | undefined;
  /** Receives the log, one JSON line at a time. */
  readonly log: { write(line: string): void };
  /** Resolves when the process is asked to stop. */
  readonly waitForShutdown: () => Promise<void>;
}
