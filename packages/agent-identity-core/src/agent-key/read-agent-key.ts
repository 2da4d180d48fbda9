import { coreError, describeType } from '../errors.js';
import { type AgentKey, agentKeyFromSeed } from './agent-key.js';
import { describePrivateKeyForm } from './describe-key-form.js';
import { readPkcs8Base64 } from './pkcs8.js';

/**
 * Reads an agent key from standard base64 of a PKCS#8 document, version 1 or 2 (docs/protocol.md section 2). The public
 * key in a version 2 document must match the seed. The error for a key in another form (PEM, OpenSSH, JWK, hex) says how to
 * convert it.
 *
 * @param pkcs8Base64 **Secret.** Errors never contain it.
 * @throws AgentIdentityError `invalid_agent_key`
 * @example
 * ```ts
 * import { generateAgentKey, readAgentKey } from 'agent-identity-core';
 *
 * const stored = generateAgentKey().toPkcs8Base64(); // keep it like a password
 * const agentKey = readAgentKey(stored);
 * ```
 */
export function readAgentKey(pkcs8Base64: string): AgentKey {
  if (typeof pkcs8Base64 !== 'string' || pkcs8Base64 === '') {
    throw invalidKey(pkcs8Base64, `got ${describeType(pkcs8Base64)}`);
  }
  const content = readPkcs8Base64(pkcs8Base64);
  if (typeof content === 'string') throw invalidKey(pkcs8Base64, content);
  const key = agentKeyFromSeed(content.seed);
  const { bytes } = key.publicKey;
  if (content.publicKey?.some((byte, i) => byte !== bytes[i])) {
    throw coreError(
      'invalid_agent_key',
      'the public key in the PKCS#8 document does not match its private key',
    );
  }
  return key;
}

function invalidKey(value: unknown, flaw: string): Error {
  const form = describePrivateKeyForm(value);
  const reason = form === undefined ? flaw : `got ${form}`;
  return coreError('invalid_agent_key', `expected base64 of an Ed25519 PKCS#8 document: ${reason}`);
}
