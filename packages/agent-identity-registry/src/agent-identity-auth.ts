import {
  type AssertionSigner,
  type AsyncAssertionSigner,
  type Clock,
  createAssertionSigner,
  createAsyncAssertionSigner,
  type SignerWaitOptions,
} from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import type { AgentIdentityRecord, KeylessAgentIdentityRecord } from 'agent-identity-core/wire';
import { type AgentIdentity, requireAgentIdentity, type SignerAgentIdentity } from './agent-identity.js';

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

/**
 * The run-scoped auth of an agent identity whose key lives outside of this process. Its headers are promises; a second costs one
 * signature, for any number of concurrent calls.
 */
export interface AsyncAgentIdentityAuth {
  /** The record that the run started from, a frozen copy. Without a key. */
  readonly record: Readonly<KeylessAgentIdentityRecord>;
  /** The task that every header is signed for. */
  readonly runTaskId: string;
  /**
   * Returns the `Authorization` header for a request made now. **Secret** until it expires.
   *
   * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`
   */
  authorizationHeader(options?: SignerWaitOptions): Promise<string>;
  /**
   * Returns all headers for a request made now, as `AgentIdentityAuth.headers` does. **Secret** until it expires.
   *
   * @throws AgentIdentityError as `authorizationHeader` does
   */
  headers(options?: SignerWaitOptions): Promise<Record<string, string>>;
  /** Returns another handle on the same run, which shares record, task and signer. */
  clone(): AsyncAgentIdentityAuth;
}

/** Options for {@link createAgentIdentityAuth}. */
export interface CreateAgentIdentityAuthOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
}

/** Shared by all clones of an auth. */
interface Run<SomeRecord, Signer> {
  readonly record: Readonly<SomeRecord>;
  readonly runTaskId: string;
  readonly signer: Signer;
}

/** What both kinds of auth show. */
class PrintableRun<SomeRecord extends KeylessAgentIdentityRecord> {
  readonly #run: Omit<Run<SomeRecord, unknown>, 'signer'>;

  constructor(run: Run<SomeRecord, unknown>) {
    this.#run = run;
  }

  get record(): Readonly<SomeRecord> {
    return this.#run.record;
  }

  get runTaskId(): string {
    return this.#run.runTaskId;
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

class RunScopedAuth extends PrintableRun<AgentIdentityRecord> implements AgentIdentityAuth {
  readonly #run: Run<AgentIdentityRecord, AssertionSigner>;

  constructor(run: Run<AgentIdentityRecord, AssertionSigner>) {
    super(run);
    this.#run = run;
    Object.freeze(this);
  }

  authorizationHeader(): string {
    return this.#run.signer.authorizationHeader();
  }

  headers(): Record<string, string> {
    return headersWith(this.authorizationHeader(), this.#run.record);
  }

  clone(): AgentIdentityAuth {
    return new RunScopedAuth(this.#run);
  }
}

class AsyncRunScopedAuth extends PrintableRun<KeylessAgentIdentityRecord> implements AsyncAgentIdentityAuth {
  readonly #run: Run<KeylessAgentIdentityRecord, AsyncAssertionSigner>;

  constructor(run: Run<KeylessAgentIdentityRecord, AsyncAssertionSigner>) {
    super(run);
    this.#run = run;
    Object.freeze(this);
  }

  authorizationHeader(options?: SignerWaitOptions): Promise<string> {
    return this.#run.signer.authorizationHeader(options);
  }

  async headers(options?: SignerWaitOptions): Promise<Record<string, string>> {
    return headersWith(await this.authorizationHeader(options), this.#run.record);
  }

  clone(): AsyncAgentIdentityAuth {
    return new AsyncRunScopedAuth(this.#run);
  }
}

function headersWith(authorization: string, record: KeylessAgentIdentityRecord): Record<string, string> {
  return {
    Authorization: authorization,
    'ChatGPT-Account-ID': record.account_id,
    ...(record.chatgpt_account_is_fedramp ? { 'X-OpenAI-Fedramp': 'true' } : {}),
  };
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
  options?: CreateAgentIdentityAuthOptions,
): AgentIdentityAuth;
/**
 * Creates the auth of an identity whose key lives outside of this process. Signs nothing yet.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function createAgentIdentityAuth(
  identity: SignerAgentIdentity,
  taskId: string,
  options?: CreateAgentIdentityAuthOptions,
): AsyncAgentIdentityAuth;
export function createAgentIdentityAuth(
  identity: AgentIdentity | SignerAgentIdentity,
  taskId: string,
  options?: CreateAgentIdentityAuthOptions,
): AgentIdentityAuth | AsyncAgentIdentityAuth;
export function createAgentIdentityAuth(
  identity: AgentIdentity | SignerAgentIdentity,
  taskId: string,
  options: CreateAgentIdentityAuthOptions = {},
): AgentIdentityAuth | AsyncAgentIdentityAuth {
  requireAgentIdentity(identity);
  requireKnownOptions(options, ['clock'], 'options');
  const { agentRuntimeId } = identity;
  if ('signer' in identity) {
    const signer = createAsyncAssertionSigner({ signer: identity.signer, agentRuntimeId, taskId }, options);
    return new AsyncRunScopedAuth({ record: identity.record, runTaskId: taskId, signer });
  }
  const { record, agentKey } = identity;
  const signer = createAssertionSigner({ agentKey, agentRuntimeId, taskId }, options);
  return new RunScopedAuth({ record, runTaskId: taskId, signer });
}
