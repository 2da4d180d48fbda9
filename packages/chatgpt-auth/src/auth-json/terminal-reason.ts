import { decodeUnverifiedJwtPayload } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import type { StoredCredentials, TerminalReason } from './stored-credentials.js';

const terminalSchema = z.object({
  agent_runtime_id: z.string(),
  reason: z.enum(['agent_runtime_deleted', 'invalid_agent_runtime_id']),
});

/** Reads the member `agent_identity_terminal`. It counts only for the runtime that it names. */
export function readTerminalReason(
  member: unknown,
  identity: string | AgentIdentityRecord | null | undefined,
): TerminalReason | undefined {
  const { data } = terminalSchema.safeParse(member);
  return data !== undefined && data.agent_runtime_id === readRuntimeId(identity) ? data.reason : undefined;
}

/** The runtime of stored credentials; that of a JWT is not verified. */
export function findAgentRuntimeId(credentials: StoredCredentials): string | undefined {
  switch (credentials.kind) {
    case 'chatgpt':
      return readRuntimeId(credentials.storedRecord());
    case 'agentIdentityRecord':
      return readRuntimeId(credentials.record());
    case 'agentIdentityJwt':
      return readRuntimeId(credentials.jwt());
    default:
      return undefined;
  }
}

function readRuntimeId(identity: string | AgentIdentityRecord | null | undefined): string | undefined {
  if (typeof identity !== 'string') return identity?.agent_runtime_id;
  const claim = decodeUnverifiedJwtPayload(identity)?.['agent_runtime_id'];
  return typeof claim === 'string' ? claim : undefined;
}
