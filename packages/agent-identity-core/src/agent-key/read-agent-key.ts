import { coreError, describeType } from '../errors.js';
import { type AgentKey, agentKeyFromSeed } from './agent-key.js';
import { readPkcs8Base64 } from './pkcs8.js';

/**
 * Reads an agent key from standard base64 of a PKCS#8 document, version 1 or 2 (docs/protocol.md section 2). In version 2 the
 * public key must be that of the seed.
 *
 * @param pkcs8Base64 **Secret.** Never part of an error.
 * @throws AgentIdentityError `invalid_agent_key`
 */
export function readAgentKey(pkcs8Base64: string): AgentKey {
  if (typeof pkcs8Base64 !== 'string' || pkcs8Base64 === '') {
    throw coreError(
      'invalid_agent_key',
      `expected base64 of an Ed25519 PKCS#8 document, got ${describeType(pkcs8Base64)}`,
    );
  }
  const content = readPkcs8Base64(pkcs8Base64);
  if (typeof content === 'string') {
    throw coreError('invalid_agent_key', `expected base64 of an Ed25519 PKCS#8 document: ${content}`);
  }
  const key = agentKeyFromSeed(content.seed);
  const { bytes } = key.publicKey;
  if (content.publicKey?.some((byte, i) => byte !== bytes[i])) {
    throw coreError(
      'invalid_agent_key',
      'the public key in the PKCS#8 document is not that of its private key',
    );
  }
  return key;
}
