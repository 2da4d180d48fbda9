import {
  type AgentKey,
  type AgentPublicKey,
  type AgentSigner,
  describeType,
  readAgentKey,
  requireAgentSigner,
} from 'agent-identity-core';
import { invalidArgument, isHeaderSafe } from 'agent-identity-core/http';
import {
  type AgentIdentityRecord,
  agentIdentityRecordSchema,
  explainSchemaError,
  hideKeyFromInspect,
  type KeylessAgentIdentityRecord,
  keylessAgentIdentityRecordSchema,
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

/** A checked agent identity whose key lives outside of this process. Frozen. Printing it shows what {@link AgentIdentity} shows. */
export interface SignerAgentIdentity extends Omit<AgentIdentity, 'record' | 'agentKey'> {
  /** A frozen copy of the record. */
  readonly record: Readonly<KeylessAgentIdentityRecord>;
  /** Signs for the runtime. */
  readonly signer: AgentSigner;
}

/** What both kinds of identity have in common. */
class CheckedIdentity<SomeRecord extends KeylessAgentIdentityRecord> {
  readonly #record: Readonly<SomeRecord>;

  constructor(record: Readonly<SomeRecord>) {
    this.#record = record;
  }

  get record(): Readonly<SomeRecord> {
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

class KeyIdentity extends CheckedIdentity<AgentIdentityRecord> implements AgentIdentity {
  readonly agentKey: AgentKey;

  constructor(record: Readonly<AgentIdentityRecord>, agentKey: AgentKey) {
    super(record);
    this.agentKey = agentKey;
    Object.freeze(this);
  }
}

class SignerIdentity extends CheckedIdentity<KeylessAgentIdentityRecord> implements SignerAgentIdentity {
  readonly signer: AgentSigner;

  constructor(record: Readonly<KeylessAgentIdentityRecord>, signer: AgentSigner) {
    super(record);
    this.signer = signer;
    Object.freeze(this);
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
export function readAgentIdentity(record: AgentIdentityRecord): AgentIdentity;
/**
 * Reads an agent identity whose key lives outside of this process. The record must have no private key.
 *
 * @param record Copied and frozen.
 * @throws AgentIdentityError `invalid_agent_identity_record`, `invalid_argument`
 * @example
 * ```ts
 * import type { AgentSigner } from 'agent-identity-core';
 * import { type KeylessAgentIdentityRecord, readAgentIdentity } from 'agent-identity-registry';
 *
 * const readIdentity = (record: KeylessAgentIdentityRecord, signer: AgentSigner) =>
 *   readAgentIdentity(record, signer);
 * ```
 */
export function readAgentIdentity(
  record: KeylessAgentIdentityRecord,
  signer: AgentSigner,
): SignerAgentIdentity;
export function readAgentIdentity(
  record: AgentIdentityRecord | KeylessAgentIdentityRecord,
  signer?: AgentSigner,
): AgentIdentity | SignerAgentIdentity {
  if (signer === undefined) {
    const parsed = parseRecord(agentIdentityRecordSchema, record);
    return new KeyIdentity(Object.freeze(hideKeyFromInspect(parsed)), readAgentKey(parsed.agent_private_key));
  }
  requireAgentSigner(signer);
  return new SignerIdentity(Object.freeze(parseRecord(keylessAgentIdentityRecordSchema, record)), signer);
}

/** A schema of agent-identity-core/wire. */
interface RecordSchema<SomeRecord> {
  safeParse(
    record: unknown,
  ):
    | { readonly success: true; readonly data: SomeRecord }
    | { readonly success: false; readonly error: Parameters<typeof explainSchemaError>[0] };
}

function parseRecord<SomeRecord extends KeylessAgentIdentityRecord>(
  schema: RecordSchema<SomeRecord>,
  record: object,
): SomeRecord {
  const parsed = schema.safeParse(record);
  if (!parsed.success) {
    throw registryError(
      'invalid_agent_identity_record',
      explainSchemaError(parsed.error, record, 'agent_identity'),
    );
  }
  const { account_id: accountId } = parsed.data;
  if (isHeaderSafe(accountId)) return parsed.data;
  throw registryError(
    'invalid_agent_identity_record',
    `agent_identity.account_id: expected visible ASCII characters without spaces, got ${describeType(accountId)}`,
  );
}

/**
 * Requires the result of {@link readAgentIdentity}. Another copy of this package may have created it.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireAgentIdentity(identity: AgentIdentity | SignerAgentIdentity): void {
  const signs = identity && ('signer' in identity ? identity.signer?.sign : identity.agentKey?.sign);
  if (typeof signs === 'function' && typeof identity.agentRuntimeId === 'string') return;
  throw invalidArgument('identity', 'the result of readAgentIdentity', identity);
}

/** The public half of the identity's key. */
export function publicKeyOf(identity: AgentIdentity | SignerAgentIdentity): AgentPublicKey {
  return 'signer' in identity ? identity.signer.publicKey : identity.agentKey.publicKey;
}
