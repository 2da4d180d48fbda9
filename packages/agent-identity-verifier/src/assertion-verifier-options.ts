import type { ValidityWindow } from 'agent-identity-core';
import type { AbuseGuardOptions } from './abuse-guard.js';
import type { AgentDirectory } from './agent-directory.js';
import type { AccountMatch } from './require-standing.js';

/** By what assertions are judged. The window is 300 s either way by default. */
export interface AssertionVerifierOptions extends ValidityWindow {
  /** Knows the runtimes and their tasks; asked at each verification. */
  readonly directory: AgentDirectory;
  /** Whether a request must name its account; `required` by default. */
  readonly accountMatch?: AccountMatch | undefined;
  /**
   * How many accepted assertions are remembered, to check the signature of each once; 1000 by default, 0 for none. An
   * agent sends another one each second, so it is about as many as agents call within a second.
   */
  readonly maxRememberedAssertions?: number | undefined;
  /** Counts how often each assertion comes, and from where. None by default: real clients repeat assertions. */
  readonly abuseGuard?: AbuseGuardOptions | undefined;
}
