import { describeType } from 'agent-identity-core';
import { decodeUnverifiedJwtPayload } from 'agent-identity-core/http';
import { type AgentIdentityRecord, agentIdentityRecordSchema } from 'agent-identity-core/wire';
import { chatgptAuthError } from '../errors.js';

/**
 * Formats the `auth.json` of an agent identity, for another machine or for the published client: mode `agentIdentity`,
 * two-space JSON without a final newline (docs/protocol.md section 9). `parseAuthJson` reads it back unchanged.
 *
 * @param identity **Secret**: an Agent Identity JWT, or a record such as an opt-in stored.
 * @returns **Secret**: the text. A file that holds it must have mode 0600.
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { formatAuthJson } from 'chatgpt-auth';
 *
 * const saveIdentity = (jwt: string) => writeFile('auth.json', formatAuthJson(jwt), { mode: 0o600 });
 * ```
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
  if (record.success) return toStoredRecord(record.data);
  throw chatgptAuthError(
    'invalid_argument',
    `identity: expected an Agent Identity JWT or a record, got ${describeType(identity)} that is neither`,
  );
}

/** A record with its members in the order of the published client, without a task id while there is none. */
export function toStoredRecord(record: AgentIdentityRecord): AgentIdentityRecord {
  return {
    agent_runtime_id: record.agent_runtime_id,
    agent_private_key: record.agent_private_key,
    account_id: record.account_id,
    chatgpt_user_id: record.chatgpt_user_id,
    email: record.email,
    plan_type: record.plan_type,
    chatgpt_account_is_fedramp: record.chatgpt_account_is_fedramp,
    ...(record.task_id === undefined ? {} : { task_id: record.task_id }),
  };
}
