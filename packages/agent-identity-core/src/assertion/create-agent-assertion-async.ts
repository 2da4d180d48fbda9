import { requireAgentSigner, requireEffects, type SignerEffects } from '../agent-signer/agent-signer.js';
import { type SignOutsideOptions, signOutside } from '../agent-signer/sign-outside.js';
import { encodeBase64 } from '../encoding/base64.js';
import type { AgentAssertion, SignerAssertionSubject } from './agent-assertion.js';
import { requireFittingIds } from './format-agent-assertion.js';
import { assertionMessage } from './signed-message.js';
import { formatTimestamp } from './timestamp.js';

/**
 * Creates an assertion like `createAgentAssertion`, with a key outside of this process. For several requests of one task, use
 * `createAsyncAssertionSigner`, which signs once a second.
 *
 * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`; `invalid_argument`
 * @example
 * ```ts
 * import { type AgentSigner, createAgentAssertionAsync, formatAgentAssertion } from 'agent-identity-core';
 *
 * async function createHeader(signer: AgentSigner): Promise<string> {
 *   const assertion = await createAgentAssertionAsync({ signer, agentRuntimeId: 'agent-1', taskId: 'task-1' });
 *   return formatAgentAssertion(assertion);
 * }
 * ```
 */
export async function createAgentAssertionAsync(
  { signer, agentRuntimeId, taskId }: SignerAssertionSubject,
  effects: SignerEffects = {},
): Promise<AgentAssertion> {
  requireAgentSigner(signer);
  requireFittingIds({ agentRuntimeId, taskId });
  const { clock, signal } = requireEffects(effects);
  return signAssertionAt(clock(), { signer, agentRuntimeId, taskId }, { clock, signal });
}

/** Creates the assertion for the given time. The clock says afterwards whether the signature has come in time. */
export async function signAssertionAt(
  now: number,
  { signer, agentRuntimeId, taskId }: SignerAssertionSubject,
  { clock, signal }: Omit<SignOutsideOptions, 'signer'>,
): Promise<AgentAssertion> {
  const timestamp = formatTimestamp(now);
  const message = assertionMessage(agentRuntimeId, taskId, timestamp);
  const signature = await signOutside(message, now, { signer, clock, signal });
  return { agentRuntimeId, taskId, timestamp, signature: encodeBase64(signature) };
}
