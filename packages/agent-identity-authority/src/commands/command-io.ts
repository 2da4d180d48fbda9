import type { HttpEffects } from 'agent-identity-core/http';

/** What a command has of its process. */
export interface CommandIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: NonNullable<HttpEffects['fetch']>;
  /** Takes text as it is, line ends included. */
  readonly write: (text: string) => void;
  /** The same for what is no result: errors and notes. */
  readonly writeError: (text: string) => void;
  /** Takes the log, line by line. */
  readonly log: { write(line: string): void };
  /** Resolves when the process is asked to end. */
  readonly waitForShutdown: () => Promise<void>;
}
