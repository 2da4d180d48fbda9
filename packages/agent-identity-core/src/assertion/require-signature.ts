import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import { decodeBase64 } from '../encoding/base64.js';
import { coreError } from '../errors.js';

/** @throws AgentIdentityError `invalid_signature` */
export function requireSignature(
  publicKey: AgentPublicKey,
  message: Uint8Array,
  signatureBase64: string,
): void {
  const signature = decodeBase64(signatureBase64);
  if (signature === undefined || !publicKey.verify(message, signature)) {
    throw coreError(
      'invalid_signature',
      "the signature does not match the agent runtime's public key and the signed members",
    );
  }
}
