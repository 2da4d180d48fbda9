import type { AssertionSigner } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';

/**
 * The run-scoped auth of one agent identity: its record, and the one task of this run (docs/protocol.md section 8). Making
 * headers is synchronous and does no I/O. Whatever prints an auth shows the runtime, the task and the account only.
 */
export interface AgentIdentityAuth {
  /**
   * **Secret**: the record as it was given, a frozen copy. It is left out when the auth is inspected, spread or written
   * as JSON; the record itself, written as JSON, has its key in it, since that is how it is stored. A task that was
   * registered for this run is not part of it: see `runTaskId`.
   */
  readonly record: Readonly<AgentIdentityRecord>;
  /** The task that every header is signed for. */
  readonly runTaskId: string;
  /**
   * The `Authorization` header for a request made now. Within one second it is byte for byte the same, over all clones.
   * **Secret** while it is fresh.
   */
  authorizationHeader(): string;
  /**
   * All headers for a request made now, in a new object: `Authorization`, `ChatGPT-Account-ID`, and for FedRAMP
   * accounts only `X-OpenAI-Fedramp` (docs/protocol.md section 3). **Secret**, as above.
   */
  headers(): Record<string, string>;
  /** Another handle on the same run: it shares record, task and signer. */
  clone(): AgentIdentityAuth;
}

/** What all clones of an auth share. */
export interface Run {
  readonly record: Readonly<AgentIdentityRecord>;
  readonly runTaskId: string;
  readonly signer: AssertionSigner;
}

class RunScopedAuth implements AgentIdentityAuth {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
    Object.freeze(this);
  }

  get record(): Readonly<AgentIdentityRecord> {
    return this.#run.record;
  }

  get runTaskId(): string {
    return this.#run.runTaskId;
  }

  authorizationHeader(): string {
    return this.#run.signer.authorizationHeader();
  }

  headers(): Record<string, string> {
    const { account_id: accountId, chatgpt_account_is_fedramp: isFedramp } = this.#run.record;
    return {
      Authorization: this.authorizationHeader(),
      'ChatGPT-Account-ID': accountId,
      ...(isFedramp ? { 'X-OpenAI-Fedramp': 'true' } : {}),
    };
  }

  clone(): AgentIdentityAuth {
    return new RunScopedAuth(this.#run);
  }

  toJSON(): { agentRuntimeId: string; runTaskId: string; accountId: string } {
    const { record, runTaskId } = this.#run;
    return { agentRuntimeId: record.agent_runtime_id, runTaskId, accountId: record.account_id };
  }

  toString(): string {
    return `AgentIdentityAuth(${JSON.stringify(this)})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Makes the first handle on a run. */
export function agentIdentityAuth(run: Run): AgentIdentityAuth {
  return new RunScopedAuth(run);
}
