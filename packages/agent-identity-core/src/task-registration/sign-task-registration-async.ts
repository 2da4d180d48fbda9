import {
  type AgentSigner,
  requireAgentSigner,
  requireEffects,
  type SignerEffects,
} from '../agent-signer/agent-signer.js';
import { signOutside } from '../agent-signer/sign-outside.js';
import { requireId } from '../assertion/require-id.js';
import { taskRegistrationMessage } from '../assertion/signed-message.js';
import { formatTimestamp } from '../assertion/timestamp.js';
import { encodeBase64 } from '../encoding/base64.js';
import type { SignedTaskRegistration } from './sign-task-registration.js';

/**
 * Signs a task registration like `signTaskRegistration`, with a key outside of this process.
 *
 * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`; `invalid_argument`
 * @example
 * ```ts
 * import { type AgentSigner, signTaskRegistrationAsync } from 'agent-identity-core';
 *
 * async function createBody(signer: AgentSigner): Promise<string> {
 *   return JSON.stringify(await signTaskRegistrationAsync({ signer, agentRuntimeId: 'agent-1' }));
 * }
 * ```
 */
export async function signTaskRegistrationAsync(
  { signer, agentRuntimeId }: { readonly signer: AgentSigner; readonly agentRuntimeId: string },
  effects: SignerEffects = {},
): Promise<SignedTaskRegistration> {
  requireAgentSigner(signer);
  requireId(agentRuntimeId, 'agentRuntimeId');
  const { clock, signal } = requireEffects(effects);
  const now = clock();
  const timestamp = formatTimestamp(now);
  const message = taskRegistrationMessage(agentRuntimeId, timestamp);
  const signature = await signOutside(message, now, { signer, clock, signal });
  return { timestamp, signature: encodeBase64(signature) };
}
