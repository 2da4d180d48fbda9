import { type AssertionSigner, type Clock, createAssertionSigner } from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { type AgentIdentity, requireAgentIdentity } from './agent-identity.js';

/**
 * The run-scoped auth of one agent identity: its record and the one task of this run (docs/protocol.md section 8).
 * Creating headers is synchronous and does no I/O. `inspect`, `JSON.stringify` and `String` show the runtime, the task
 * and the account only.
 */
export interface AgentIdentityAuth {
  /**
   * **Secret.** The record that the run started from, a frozen copy. Inspecting, spreading or serializing the auth leaves
   * it out; the JSON of the record itself contains its key. A task registered for this run is in `runTaskId`, not here.
   */
  readonly record: Readonly<AgentIdentityRecord>;
  /** The task that every header is signed for. */
  readonly runTaskId: string;
  /**
   * Returns the `Authorization` header for a request made now. All calls within one second return the same bytes, also on
   * clones. **Secret** until it expires.
   */
  authorizationHeader(): string;
  /**
   * Returns all headers for a request made now, in a new object: `Authorization`, `ChatGPT-Account-ID`, and
   * `X-OpenAI-Fedramp` for FedRAMP accounts (docs/protocol.md section 3). **Secret** until it expires.
   */
  headers(): Record<string, string>;
  /** Returns another handle on the same run, which shares record, task and signer. */
  clone(): AgentIdentityAuth;
}

/** Options for {@link createAgentIdentityAuth}. */
export interface CreateAgentIdentityAuthOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
}

/** Shared by all clones of an auth. */
interface Run {
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

/**
 * Creates the auth that signs for one task. Synchronous, no I/O.
 *
 * @param taskId From `registerRunTask`.
 * @throws AgentIdentityError `invalid_argument`, such as for a task id that no header can hold
 * @example
 * ```ts
 * import { type AgentIdentity, createAgentIdentityAuth } from 'agent-identity-registry';
 *
 * function signRequest(identity: AgentIdentity, taskId: string): Record<string, string> {
 *   return createAgentIdentityAuth(identity, taskId).headers();
 * }
 * ```
 */
export function createAgentIdentityAuth(
  identity: AgentIdentity,
  taskId: string,
  options: CreateAgentIdentityAuthOptions = {},
): AgentIdentityAuth {
  requireAgentIdentity(identity);
  requireKnownOptions(options, ['clock'], 'options');
  const { record, agentKey, agentRuntimeId } = identity;
  const signer = createAssertionSigner({ agentKey, agentRuntimeId, taskId }, options);
  return new RunScopedAuth({ record, runTaskId: taskId, signer });
}
