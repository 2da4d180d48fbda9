import { decodeBase64, encodeBase64 } from '../encoding/base64.js';
import { coreError, describeType } from '../errors.js';
import { type AgentPublicKey, agentPublicKey } from './agent-public-key.js';
import { explainInvalidPublicKey } from './edwards25519.js';

const keyType = 'ssh-ed25519';

/** Two SSH strings, each behind its length: the key type, and a key of 32 bytes (RFC 8709 section 4). */
const blobHeader = Uint8Array.from([0, 0, 0, 11, ...new TextEncoder().encode(keyType), 0, 0, 0, 32]);

/**
 * Reads an OpenSSH public key line, `ssh-ed25519 <base64>`, strictly: one space, standard padded base64, no comment,
 * no line end (docs/protocol.md section 2). Points of small order, points off the curve and non-canonical encodings are
 * refused.
 *
 * @throws AgentIdentityError `invalid_public_key`
 */
export function readSshPublicKey(line: string): AgentPublicKey {
  const expected = 'expected an OpenSSH line "ssh-ed25519 <base64>" without a comment';
  if (typeof line !== 'string' || !line.startsWith(`${keyType} `)) {
    throw coreError('invalid_public_key', `${expected}, got ${describeType(line)}`);
  }
  const blob = decodeBase64(line.slice(keyType.length + 1));
  if (blob === undefined) throw coreError('invalid_public_key', `${expected}: not standard base64`);
  if (blob.length !== blobHeader.length + 32 || !blobHeader.every((byte, i) => byte === blob[i])) {
    throw coreError(
      'invalid_public_key',
      `${expected}: the base64 does not hold one Ed25519 key of 32 bytes`,
    );
  }
  const bytes = blob.slice(blobHeader.length);
  const flaw = explainInvalidPublicKey(bytes);
  if (flaw !== undefined)
    throw coreError('invalid_public_key', `expected a usable Ed25519 public key, got ${flaw}`);
  return agentPublicKey(bytes, line);
}

/** The OpenSSH line of a 32-byte public key. */
export function formatSshPublicKey(bytes: Uint8Array): string {
  return `${keyType} ${encodeBase64(Uint8Array.from([...blobHeader, ...bytes]))}`;
}
