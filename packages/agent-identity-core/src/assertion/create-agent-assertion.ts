import type { Clock } from '../clock.js';
import { encodeBase64 } from '../encoding/base64.js';
import type { AgentAssertion, AssertionSubject } from './agent-assertion.js';
import { requireId } from './require-id.js';
import { assertionMessage } from './signed-message.js';
import { formatTimestamp } from './timestamp.js';

/**
 * Signs an assertion for the current second (protocol section 3). For many requests of one task use
 * `createAssertionSigner`, which signs once a second.
 *
 * @throws AgentIdentityError `invalid_argument` for a blank id or one that is not well-formed Unicode
 */
export function createAgentAssertion(
  subject: AssertionSubject,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): AgentAssertion {
  const { agentRuntimeId, taskId } = subject;
  requireId(agentRuntimeId, 'agentRuntimeId');
  requireId(taskId, 'taskId');
  const timestamp = formatTimestamp(clock());
  return { agentRuntimeId, taskId, timestamp, signature: signAssertion(subject, timestamp) };
}

/** The signature of an assertion, in standard base64, for ids that were checked. */
export function signAssertion(
  { agentKey, agentRuntimeId, taskId }: AssertionSubject,
  timestamp: string,
): string {
  return encodeBase64(agentKey.sign(assertionMessage(agentRuntimeId, taskId, timestamp)));
}
