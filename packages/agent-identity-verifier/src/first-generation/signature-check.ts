import { type AgentAssertion, type Clock, isWithinWindow, verifyAgentAssertion } from 'agent-identity-core';
import type { AgentRuntimeEntry } from '../agent-directory.js';
import { createDecoyCheck } from '../decoy-check.js';
import { verificationError } from '../errors.js';
import type { VerifiedAssertion } from './verified-assertion-cache.js';

/**
 * Requires that the registered runtime made the assertion, inside the window.
 *
 * @param runtime The directory's entry for the asserted id.
 * @param cached The same header value, if it was verified before.
 * @throws AgentIdentityError `agent_runtime_not_found`, `invalid_signature`, `assertion_expired`, `assertion_in_future`
 */
export type SignatureCheck = (
  assertion: AgentAssertion,
  runtime: AgentRuntimeEntry | undefined,
  cached: VerifiedAssertion | undefined,
) => asserts runtime is AgentRuntimeEntry;

/** Creates the check. A cached assertion skips the signature while the runtime has the same key, and never the window. */
export function createSignatureCheck(
  window: { readonly maxAgeSeconds: number; readonly leewaySeconds: number },
  clock: Clock,
): SignatureCheck {
  const checkDecoy = createDecoyCheck();
  return (assertion, runtime, cached) => {
    // Compares the ids themselves, never the joined string that is signed (docs/protocol.md section 3).
    if (runtime?.agentRuntimeId !== assertion.agentRuntimeId) {
      checkDecoy((publicKey) => verifyAgentAssertion(assertion, { publicKey, ...window }, { clock }));
      throw verificationError('agent_runtime_not_found', 'the directory has no such agent runtime');
    }
    if (
      cached?.publicKeySsh === runtime.publicKey.ssh &&
      isWithinWindow(cached.signedAtSeconds, clock(), window)
    ) {
      return;
    }
    verifyAgentAssertion(assertion, { publicKey: runtime.publicKey, ...window }, { clock });
  };
}
