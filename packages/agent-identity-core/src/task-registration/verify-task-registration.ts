import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import { requireId } from '../assertion/require-id.js';
import { requireSignature } from '../assertion/require-signature.js';
import { requireWithinWindow, type ValidityWindow } from '../assertion/require-within-window.js';
import { taskRegistrationMessage } from '../assertion/signed-message.js';
import type { Clock } from '../clock.js';
import type { SignedTaskRegistration } from './sign-task-registration.js';

/**
 * Verifies the signature and the age of a task registration; returns if both hold (docs/protocol.md section 5). The same body
 * may come again, and counts as the same registration: answer it with the same task (section 11).
 *
 * @throws AgentIdentityError `invalid_signature`, `task_registration_expired`, `task_registration_in_future`,
 * `malformed_task_registration` (a timestamp in another form, an id that is no text)
 */
export function verifyTaskRegistration(
  { agentRuntimeId, timestamp, signature }: SignedTaskRegistration & { readonly agentRuntimeId: string },
  { publicKey, maxAgeSeconds, leewaySeconds }: ValidityWindow & { readonly publicKey: AgentPublicKey },
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): void {
  requireId(agentRuntimeId, 'agentRuntimeId', 'malformed_task_registration');
  requireSignature(publicKey, taskRegistrationMessage(agentRuntimeId, timestamp), signature);
  requireWithinWindow('task_registration', timestamp, clock, { maxAgeSeconds, leewaySeconds });
}
