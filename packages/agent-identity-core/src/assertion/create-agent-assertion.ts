import type { Clock } from '../clock.js';
import type { AgentAssertion, AssertionSubject } from './agent-assertion.js';
import { requireId } from './require-id.js';
import { signMessage } from './sign-message.js';
import { assertionMessage } from './signed-message.js';
import { formatTimestamp } from './timestamp.js';

/**
 * Signs an assertion for the current second (docs/protocol.md section 3). For many requests of one task use
 * `createAssertionSigner`, which signs once a second.
 *
 * @throws AgentIdentityError `invalid_argument` for a blank id, one that is not well-formed Unicode, or a
 * key that gives no signature
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
