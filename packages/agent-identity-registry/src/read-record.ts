import { type AgentKey, describeType, readAgentKey } from 'agent-identity-core';
import {
  type AgentIdentityRecord,
  agentIdentityRecordSchema,
  hideKeyFromInspect,
} from 'agent-identity-core/wire';
import { registryError } from './errors.js';

/** A record that requests can be signed with, and its key. */
export interface UsableRecord {
  /** A frozen copy that Node's inspect shows without its key. */
  readonly record: Readonly<AgentIdentityRecord>;
  readonly agentKey: AgentKey;
}

/**
 * Checks a record: its shape, that its key loads, and that its account id can be a header's value.
 *
 * @param value **Secret.** No member's value becomes part of an error.
 * @throws AgentIdentityError `invalid_agent_identity_record`, `invalid_agent_key`
 */
export function readRecord(value: AgentIdentityRecord): UsableRecord {
  const parsed = agentIdentityRecordSchema.safeParse(value);
  if (!parsed.success) {
    const flaws = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || describeType(value)}: ${message}`,
    );
    throw registryError('invalid_agent_identity_record', `agent identity record: ${flaws.join('; ')}`);
  }
  const record = parsed.data;
  if (!/^[\x21-\x7e]+$/.test(record.account_id)) {
    throw registryError(
      'invalid_agent_identity_record',
      `agent identity record: account_id: expected visible ASCII characters without spaces, got ${describeType(record.account_id)}`,
    );
  }
  return {
    record: Object.freeze(hideKeyFromInspect(record)),
    agentKey: readAgentKey(record.agent_private_key),
  };
}
