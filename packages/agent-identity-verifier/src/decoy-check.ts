import { type AgentPublicKey, isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';

/** The public key of RFC 8032 section 7.1, test 1. A check with it takes time and decides nothing. */
const decoyLine = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';

/**
 * Creates the function that checks a signature for nothing: an unknown agent costs as much work as an invalid signature, so
 * that the time does not reveal which ids exist.
 */
export function createDecoyCheck(): (verify: (publicKey: AgentPublicKey) => void) => void {
  const publicKey = readSshPublicKey(decoyLine);
  return (verify) => {
    try {
      verify(publicKey);
    } catch (error) {
      if (!isAgentIdentityError(error)) throw error;
    }
  };
}
