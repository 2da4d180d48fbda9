import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import { requireId } from '../assertion/require-id.js';
import { requireSignature } from '../assertion/require-signature.js';
import { requireWithinWindow, type ValidityWindow } from '../assertion/require-within-window.js';
import { taskRegistrationMessage } from '../assertion/signed-message.js';
import type { Clock } from '../clock.js';
import type { SignedTaskRegistration } from './sign-task-registration.js';

/** Options for `verifyTaskRegistration`. */
export interface VerifyTaskRegistrationOptions extends ValidityWindow {
  /** The key registered for `agentRuntimeId`. The caller looks it up. */
  readonly publicKey: AgentPublicKey;
}

/**
 * Verifies the signature and then the age of a task registration, and returns if both are valid (docs/protocol.md section
 * 5). Clients repeat a registration byte for byte: answer it with the same task each time (docs/protocol.md section 11).
 *
 * @throws AgentIdentityError `invalid_signature`, `task_registration_expired`, `task_registration_in_future`,
 * `malformed_task_registration` (a timestamp in another form, or an id that is not a string), `invalid_argument`
 * @example
 * ```ts
 * import { generateAgentKey, signTaskRegistration, verifyTaskRegistration } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const body = signTaskRegistration({ agentKey, agentRuntimeId: 'agent-1' });
 * verifyTaskRegistration({ agentRuntimeId: 'agent-1', ...body }, { publicKey: agentKey.publicKey });
 * ```
 */
export function verifyTaskRegistration(
  { agentRuntimeId, timestamp, signature }: SignedTaskRegistration & { readonly agentRuntimeId: string },
  { publicKey, maxAgeSeconds, leewaySeconds }: VerifyTaskRegistrationOptions,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): void {
  requireId(agentRuntimeId, 'agentRuntimeId', 'malformed_task_registration');
  requireSignature(publicKey, taskRegistrationMessage(agentRuntimeId, timestamp), signature);
  requireWithinWindow('task_registration', timestamp, clock, { maxAgeSeconds, leewaySeconds });
}
