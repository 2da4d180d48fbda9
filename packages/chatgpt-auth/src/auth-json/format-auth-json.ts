import { describeType } from 'agent-identity-core';
import { type AgentIdentityRecord, agentIdentityRecordSchema } from 'agent-identity-core/wire';
import { decodeUnverifiedJwtPayload } from '../account/decode-unverified-jwt-payload.js';
import { chatgptAuthError } from '../errors.js';
import { wireRecord } from './wire-record.js';

/**
 * Writes the `auth.json` of an agent identity, for another machine or for the published client: mode `agentIdentity`,
 * two-space JSON without a final newline (docs/protocol.md section 9). `parseAuthJson` reads it back unchanged.
 *
 * @param identity **Secret**: an Agent Identity JWT, or a record, such as the one an opt-in stored.
 * @returns **Secret**: the text; a file that holds it must have mode 0600
 * @throws AgentIdentityError `invalid_option`
 */
export function formatAuthJson(identity: string | AgentIdentityRecord): string {
  return JSON.stringify(
    { auth_mode: 'agentIdentity', OPENAI_API_KEY: null, agent_identity: requireIdentity(identity) },
    null,
    2,
  );
}

function requireIdentity(identity: string | AgentIdentityRecord): string | AgentIdentityRecord {
  if (typeof identity === 'string' && decodeUnverifiedJwtPayload(identity) !== undefined) return identity;
  const record = agentIdentityRecordSchema.safeParse(identity);
  if (record.success) return wireRecord(record.data);
  throw chatgptAuthError(
    'invalid_option',
    `identity: expected an Agent Identity JWT or a record, got ${describeType(identity)} that is neither`,
  );
}
