import { isAgentIdentityError, readAgentKey } from 'agent-identity-core';
import { jwtError } from '../errors.js';

/**
 * A PKCS#8 document of version 1: 48 bytes, of which the first 16 are always the same (RFC 8410 section 7). Whatever
 * the other 32 are, they are a usable private key.
 */
const version1Document = /^MC4CAQAwBQYDK2VwBCIEI[A-P][A-Za-z0-9+/]{42}$/;

/**
 * Makes sure that `readAgentKey` will load the private key of the claims, without deriving the public key where that
 * could change nothing: deriving takes longer than verifying the whole token.
 *
 * @throws AgentIdentityError `invalid_agent_key`
 */
export function requireAgentKey(pkcs8Base64: string): void {
  if (version1Document.test(pkcs8Base64)) return;
  try {
    readAgentKey(pkcs8Base64);
  } catch (error) {
    const reason = isAgentIdentityError(error) ? error.message : 'it does not load';
    throw jwtError('invalid_agent_key', `agent_private_key: ${reason}`);
  }
}
