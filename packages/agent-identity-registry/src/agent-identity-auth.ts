import type { AgentIdentityRecord } from 'agent-identity-core/wire';

/**
 * The run-scoped auth of one agent identity: its record, and the one task of this run (protocol section 8). Making
 * headers is synchronous and does no I/O. Whatever prints an auth shows the runtime, the task and the account only.
 */
export interface AgentIdentityAuth {
  /**
   * **Secret**: the record as it was given, a frozen copy. It is left out when the auth is inspected, spread or written
   * as JSON. A task registered for this run is not in it: see `runTaskId`.
   */
  readonly record: Readonly<AgentIdentityRecord>;
  /** The task that every header is signed for. */
  readonly runTaskId: string;
  /** The `Authorization` header for a request made now; the same within one second, over all clones. A secret while it is fresh. */
  authorizationHeader(): string;
  /**
   * All headers for a request made now: `Authorization`, `ChatGPT-Account-ID`, and for FedRAMP accounts only
   * `X-OpenAI-Fedramp` (protocol section 3).
   */
  headers(): Record<string, string>;
  /** Another handle on the same run: it shares record, task and signer. */
  clone(): AgentIdentityAuth;
}
