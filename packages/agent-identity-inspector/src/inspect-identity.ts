import { isAgentIdentityError, readAgentKey } from 'agent-identity-core';
import {
  agentIdentityRecordSchema,
  explainSchemaError,
  keylessAgentIdentityRecordSchema,
} from 'agent-identity-core/wire';
import { explainMember, explainMembers } from './explain-member.js';
import type { InspectedMember, Inspection } from './inspection.js';

/**
 * Explains a private key (docs/protocol.md section 2).
 *
 * @throws AgentIdentityError `invalid_agent_key`
 */
export function inspectAgentKey(pkcs8Base64: string): Inspection {
  const { ssh } = readAgentKey(pkcs8Base64).publicKey;
  const members = [explainMember('agent_private_key', pkcs8Base64), explainMember('public_key', ssh)];
  return {
    form: 'agent_key',
    title: 'private key of an agent',
    section: '2',
    members,
    isSigned: false,
    notes: [],
  };
}

/** Explains a record (docs/protocol.md section 9). A flaw becomes a note. */
export function inspectRecord(record: object): Inspection {
  const { members, notes } = explainIdentity(record);
  const { success, error } = agentIdentityRecordSchema.safeParse(record);
  const flaws = success ? [] : [`Not usable: ${explainSchemaError(error, record)}`];
  const title = 'agent identity record';
  return {
    form: 'agent_identity_record',
    title,
    section: '9',
    members,
    isSigned: false,
    notes: [...flaws, ...notes],
  };
}

/** Explains a record whose key lives outside of the process, in a signer (docs/provider-auth.md). A flaw becomes a note. */
export function inspectKeylessRecord(record: object): Inspection {
  const { success, error } = keylessAgentIdentityRecordSchema.safeParse(record);
  const flaws = success ? [] : [`Not usable: ${explainSchemaError(error, record)}`];
  return {
    form: 'agent_identity_record',
    title: 'agent identity record without a key',
    section: '9',
    members: explainMembers(record),
    isSigned: false,
    notes: [...flaws, 'It has no private key. A signer, such as an ssh-agent, has it: give both.'],
  };
}

/** Explains the members of a record or of claims, and adds the public key. */
export function explainIdentity(document: object): {
  readonly members: readonly InspectedMember[];
  readonly notes: readonly string[];
} {
  const members = explainMembers(document);
  const key = (document as { readonly agent_private_key?: unknown }).agent_private_key;
  try {
    const { ssh } = readAgentKey(key as string).publicKey;
    return { members: [...members, explainMember('public_key', ssh)], notes: [] };
  } catch (error) {
    if (!isAgentIdentityError(error)) throw error;
    return { members, notes: [`Not usable: agent_private_key: ${error.message}`] };
  }
}
