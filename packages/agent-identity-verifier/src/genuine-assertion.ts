import {
  type AgentAssertion,
  type Clock,
  generateAgentKey,
  isAgentIdentityError,
  verifyAgentAssertion,
} from 'agent-identity-core';
import type { AcceptedAssertion } from './accepted-assertions.js';
import type { AgentRuntimeEntry } from './agent-directory.js';
import { verificationError } from './errors.js';
import type { VerificationWindow } from './require-verifier-options.js';

/**
 * Requires that the registered runtime made the assertion, inside the window.
 *
 * @param runtime What the directory answered for the asserted id.
 * @param remembered The same header value, if it was accepted before.
 * @throws AgentIdentityError `agent_runtime_not_found`, `invalid_signature`, `assertion_expired`, `assertion_in_future`
 */
export type RequireGenuineAssertion = (
  assertion: AgentAssertion,
  runtime: AgentRuntimeEntry | undefined,
  remembered: AcceptedAssertion | undefined,
) => asserts runtime is AgentRuntimeEntry;

/** Makes the check. A remembered assertion skips the signature while the runtime's key is the same, never the window. */
export function genuineAssertionCheck(window: VerificationWindow, clock: Clock): RequireGenuineAssertion {
  const decoy = generateAgentKey().publicKey;
  return (assertion, runtime, remembered) => {
    // The ids themselves are compared, never the joined string that is signed (docs/protocol.md section 3).
    if (runtime?.agentRuntimeId !== assertion.agentRuntimeId) {
      spendOneCheck(() => verifyAgentAssertion(assertion, { publicKey: decoy, ...window }, { clock }));
      throw verificationError('agent_runtime_not_found', 'the directory knows no such agent runtime');
    }
    if (remembered?.publicKeySsh === runtime.publicKey.ssh && isWithin(window, remembered, clock())) return;
    verifyAgentAssertion(assertion, { publicKey: runtime.publicKey, ...window }, { clock });
  };
}

/** An unknown runtime costs the work of a wrong signature, so that the time taken does not tell which ids exist. */
function spendOneCheck(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!isAgentIdentityError(error)) throw error;
  }
}

/** The bounds of `verifyAgentAssertion`, both inclusive; outside them it is asked, and tells why. */
function isWithin(
  { maxAgeSeconds, leewaySeconds }: VerificationWindow,
  { signedAtSeconds }: AcceptedAssertion,
  now: number,
): boolean {
  const ageSeconds = Math.floor(now / 1000) - signedAtSeconds;
  return ageSeconds <= maxAgeSeconds && -ageSeconds <= leewaySeconds;
}
