import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import type { Clock } from '../clock.js';
import type { AgentAssertion } from './agent-assertion.js';
import { requireId } from './require-id.js';
import { requireSignature } from './require-signature.js';
import { requireWithinWindow, type ValidityWindow } from './require-within-window.js';
import { assertionMessage } from './signed-message.js';

/** Options for `verifyAgentAssertion`. */
export interface VerifyAgentAssertionOptions extends ValidityWindow {
  /** The key registered for `assertion.agentRuntimeId`. The caller looks it up. */
  readonly publicKey: AgentPublicKey;
}

/**
 * Verifies the signature and then the age of an assertion, and returns if both are valid (docs/protocol.md section 3). Only
 * a genuine assertion learns its age from the error.
 *
 * The caller must also check that the runtime is known and not revoked, that the task belongs to the runtime, and that the
 * account matches. `agent-identity-verifier` does all of this.
 *
 * The same assertion verifies repeatedly within its window, because real clients repeat it (docs/protocol.md section 11).
 *
 * @throws AgentIdentityError `invalid_signature`, `assertion_expired`, `assertion_in_future`, `malformed_assertion` (an id
 * or a timestamp that `parseAgentAssertion` would refuse), `invalid_argument`
 * @example
 * ```ts
 * import { type AgentPublicKey, parseAgentAssertion, verifyAgentAssertion } from 'agent-identity-core';
 *
 * function verifyHeader(header: string, publicKey: AgentPublicKey): void {
 *   verifyAgentAssertion(parseAgentAssertion(header), { publicKey, maxAgeSeconds: 60 });
 * }
 * ```
 */
export function verifyAgentAssertion(
  { agentRuntimeId, taskId, timestamp, signature }: AgentAssertion,
  { publicKey, maxAgeSeconds, leewaySeconds }: VerifyAgentAssertionOptions,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): void {
  requireId(agentRuntimeId, 'agentRuntimeId', 'malformed_assertion');
  requireId(taskId, 'taskId', 'malformed_assertion');
  requireSignature(publicKey, assertionMessage(agentRuntimeId, taskId, timestamp), signature);
  requireWithinWindow('assertion', timestamp, clock, { maxAgeSeconds, leewaySeconds });
}
