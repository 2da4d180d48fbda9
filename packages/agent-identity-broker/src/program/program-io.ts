/** What the program uses of its process. */
export interface ProgramIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Resolves when the process is asked to stop. */
  readonly waitForShutdown: () => Promise<void>;
}
