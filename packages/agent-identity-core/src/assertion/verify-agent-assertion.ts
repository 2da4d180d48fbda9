import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import type { Clock } from '../clock.js';
import type { AgentAssertion } from './agent-assertion.js';
import { requireId } from './require-id.js';
import { requireSignature } from './require-signature.js';
import { requireWithinWindow, type ValidityWindow } from './require-within-window.js';
import { assertionMessage } from './signed-message.js';

/** By what an assertion is judged. */
export interface AssertionVerification extends ValidityWindow {
  /** The key registered for `assertion.agentRuntimeId`: looking it up by that id is the caller's part. */
  readonly publicKey: AgentPublicKey;
}

/**
 * Verifies the signature and the age of an assertion; returns if both hold (docs/protocol.md section 3). The signature is
 * checked first, so that an age is only told for a genuine one. What remains for the caller: that the runtime is
 * known and not revoked, that the task is the runtime's, that the account fits. `agent-identity-verifier` does all that.
 *
 * The same assertion verifies again and again inside its window: real clients repeat it (section 11).
 *
 * @throws AgentIdentityError `invalid_signature`, `assertion_expired`, `assertion_in_future`, `malformed_assertion`
 * (an id or a timestamp that `parseAgentAssertion` would refuse)
 */
export function verifyAgentAssertion(
  { agentRuntimeId, taskId, timestamp, signature }: AgentAssertion,
  { publicKey, maxAgeSeconds, leewaySeconds }: AssertionVerification,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): void {
  requireId(agentRuntimeId, 'agentRuntimeId', 'malformed_assertion');
  requireId(taskId, 'taskId', 'malformed_assertion');
  requireSignature(publicKey, assertionMessage(agentRuntimeId, taskId, timestamp), signature);
  requireWithinWindow('assertion', timestamp, clock, { maxAgeSeconds, leewaySeconds });
}
