import type { Clock } from '../clock.js';
import type { AgentAssertion, AssertionSubject } from './agent-assertion.js';
import { requireId } from './require-id.js';
import { signMessage } from './sign-message.js';
import { assertionMessage } from './signed-message.js';
import { formatTimestamp } from './timestamp.js';

/**
 * Creates an assertion for the current second (docs/protocol.md section 3). For several requests of one task, use
 * `createAssertionSigner`, which signs once a second.
 *
 * @throws AgentIdentityError `invalid_argument` for an id that is blank or not well-formed Unicode, and for a key that
 * does not return a 64-byte signature
 * @example
 * ```ts
 * import { createAgentAssertion, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const assertion = createAgentAssertion({ agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' });
 * const header = formatAgentAssertion(assertion);
 * ```
 */
export function createAgentAssertion(
  { agentKey, agentRuntimeId, taskId }: AssertionSubject,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): AgentAssertion {
  requireId(agentRuntimeId, 'agentRuntimeId');
  requireId(taskId, 'taskId');
  const timestamp = formatTimestamp(clock());
  const signature = signMessage(agentKey, assertionMessage(agentRuntimeId, taskId, timestamp));
  return { agentRuntimeId, taskId, timestamp, signature };
}
