import { requireId } from '../assertion/require-id.js';
import { signMessage } from '../assertion/sign-message.js';
import { taskRegistrationMessage } from '../assertion/signed-message.js';
import { formatTimestamp } from '../assertion/timestamp.js';
import type { Clock } from '../clock.js';

/** The body of a task registration: these two members and nothing else (docs/protocol.md section 5). */
export interface SignedTaskRegistration {
  /** RFC 3339, UTC, whole seconds, `Z`. */
  readonly timestamp: string;
  /** Standard base64 of the 64-byte signature. */
  readonly signature: string;
}

/**
 * Signs a task registration for the current second (docs/protocol.md section 5). Sign again for each attempt to send it.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { generateAgentKey, signTaskRegistration } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const body = JSON.stringify(signTaskRegistration({ agentKey, agentRuntimeId: 'agent-1' }));
 * ```
 */
export function signTaskRegistration(
  {
    agentKey,
    agentRuntimeId,
  }: { readonly agentKey: { sign(message: Uint8Array): Uint8Array }; readonly agentRuntimeId: string },
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): SignedTaskRegistration {
  requireId(agentRuntimeId, 'agentRuntimeId');
  const timestamp = formatTimestamp(clock());
  const signature = signMessage(agentKey, taskRegistrationMessage(agentRuntimeId, timestamp));
  return { timestamp, signature };
}
