import { type AgentKey, describeType, readAgentKey } from 'agent-identity-core';
import { invalidArgument, isHeaderSafe } from 'agent-identity-core/http';
import {
  type AgentIdentityRecord,
  agentIdentityRecordSchema,
  explainSchemaError,
  hideKeyFromInspect,
} from 'agent-identity-core/wire';
import { registryError } from './errors.js';

/**
 * A checked agent identity: its record and its loaded key. Frozen. `inspect`, `JSON.stringify` and `String` show the
 * runtime, the account and the stored task, never the key.
 */
export interface AgentIdentity {
  /**
   * **Secret.** A frozen copy of the record. Node's `inspect` does not show its key, but its JSON contains it, because
   * records are stored as JSON.
   */
  readonly record: Readonly<AgentIdentityRecord>;
  /** Signs for the runtime. Prints its public half only. */
  readonly agentKey: AgentKey;
  readonly agentRuntimeId: string;
  /** The record's task; `undefined` if the record has none or a blank one. */
  readonly storedTaskId: string | undefined;
}

class CheckedAgentIdentity implements AgentIdentity {
  readonly #record: Readonly<AgentIdentityRecord>;
  readonly agentKey: AgentKey;

  constructor(record: Readonly<AgentIdentityRecord>, agentKey: AgentKey) {
    this.#record = record;
    this.agentKey = agentKey;
    Object.freeze(this);
  }

  get record(): Readonly<AgentIdentityRecord> {
    return this.#record;
  }

  get agentRuntimeId(): string {
    return this.#record.agent_runtime_id;
  }

  get storedTaskId(): string | undefined {
    const { task_id: taskId = '' } = this.#record;
    return taskId.trim() === '' ? undefined : taskId;
  }

  toJSON(): { agentRuntimeId: string; accountId: string; storedTaskId?: string | undefined } {
    const { agentRuntimeId, storedTaskId } = this;
    return { agentRuntimeId, accountId: this.#record.account_id, storedTaskId };
  }

  toString(): string {
    return `AgentIdentity(${JSON.stringify(this)})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * Reads an agent identity from its record: checks the record, loads the key, and checks that the account id can be the
 * value of a header (docs/protocol.md section 9). No I/O.
 *
 * @param record **Secret.** Copied and frozen: later changes have no effect. Errors name members, never their values.
 * @throws AgentIdentityError `invalid_agent_identity_record`, `invalid_agent_key`
 * @example
 * ```ts
 * import type { AgentIdentityRecord } from 'agent-identity-core/wire';
 * import { readAgentIdentity } from 'agent-identity-registry';
 *
 * function readStoredIdentity(json: string) {
 *   return readAgentIdentity(JSON.parse(json) as AgentIdentityRecord);
 * }
 * ```
 */
export function readAgentIdentity(record: AgentIdentityRecord): AgentIdentity {
  const parsed = agentIdentityRecordSchema.safeParse(record);
  if (!parsed.success) {
    throw registryError(
      'invalid_agent_identity_record',
      explainSchemaError(parsed.error, record, 'agent_identity'),
    );
  }
  const { account_id: accountId, agent_private_key: pkcs8 } = parsed.data;
  if (!isHeaderSafe(accountId)) {
    throw registryError(
      'invalid_agent_identity_record',
      `agent_identity.account_id: expected visible ASCII characters without spaces, got ${describeType(accountId)}`,
    );
  }
  return new CheckedAgentIdentity(Object.freeze(hideKeyFromInspect(parsed.data)), readAgentKey(pkcs8));
}

/**
 * Requires the result of {@link readAgentIdentity}. Another copy of this package may have created it.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireAgentIdentity(identity: AgentIdentity): void {
  if (typeof identity?.agentKey?.sign === 'function' && typeof identity.agentRuntimeId === 'string') return;
  throw invalidArgument('identity', 'the result of readAgentIdentity', identity);
}
