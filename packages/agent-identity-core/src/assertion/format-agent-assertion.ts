import { encodeBase64Url } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import { coreError } from '../errors.js';
import type { AgentAssertion } from './agent-assertion.js';
import { requireId } from './require-id.js';

/** The authentication scheme and the space after it. */
export const schemePrefix = 'AgentAssertion ';

/** The maximum length of a header value, for `formatAgentAssertion` and `parseAgentAssertion` alike. */
export const maxHeaderLength = 4096;

/**
 * Formats an assertion as the value of the `Authorization` header: `AgentAssertion <base64url of the compact envelope>`
 * (docs/protocol.md section 3). The value is a **secret**: anyone who has it can act as the agent until it expires.
 *
 * @throws AgentIdentityError `invalid_argument` if the value would be longer than 4096 characters
 * @example
 * ```ts
 * import { createAgentAssertion, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const assertion = createAgentAssertion({ agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' });
 * const header = formatAgentAssertion(assertion); // 'AgentAssertion eyJ…'
 * ```
 */
export function formatAgentAssertion(assertion: AgentAssertion): string {
  const header = schemePrefix + encodeBase64Url(encodeUtf8(formatEnvelope(assertion)));
  if (header.length <= maxHeaderLength) return header;
  throw coreError(
    'invalid_argument',
    `agentRuntimeId and taskId are too long: the header would be longer than ${maxHeaderLength} characters`,
  );
}

/** Formats the compact JSON inside a header. */
export function formatEnvelope({ agentRuntimeId, taskId, timestamp, signature }: AgentAssertion): string {
  return JSON.stringify({ agent_runtime_id: agentRuntimeId, signature, task_id: taskId, timestamp });
}

/** A timestamp and a signature of the length that all of them have. */
export const blankTimestamp = '0000-00-00T00:00:00Z';
export const blankSignature: string = 'A'.repeat(88);

/**
 * Refuses ids that cannot be in a header or are too long for one, before anything is signed.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireFittingIds({
  agentRuntimeId,
  taskId,
}: Pick<AgentAssertion, 'agentRuntimeId' | 'taskId'>): void {
  requireId(agentRuntimeId, 'agentRuntimeId');
  requireId(taskId, 'taskId');
  formatAgentAssertion({ agentRuntimeId, taskId, timestamp: blankTimestamp, signature: blankSignature });
}
