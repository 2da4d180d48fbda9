import { decodeBase64, encodeBase64 } from '../encoding/base64.js';
import { decodeHex } from '../encoding/hex.js';
import { coreError, describeType } from '../errors.js';
import { type AgentPublicKey, agentPublicKey } from './agent-public-key.js';
import { blobHeaderHex, describePublicKeyForm } from './describe-key-form.js';
import { explainInvalidPublicKey } from './edwards25519.js';

const keyType = 'ssh-ed25519';

/** The start of two SSH strings, each with its length in front: the key type and a 32-byte key (RFC 8709 section 4). */
const blobHeader = decodeHex(blobHeaderHex);

/**
 * Reads an OpenSSH public key line, `ssh-ed25519 <base64>` (docs/protocol.md section 2). It must have exactly one space,
 * standard padded base64, no comment and no line break. Points of small order, points off the curve and non-canonical
 * encodings are refused. The error for a key in another form (PEM, JWK, hex) says how to convert it.
 *
 * @throws AgentIdentityError `invalid_public_key`
 * @example
 * ```ts
 * import { generateAgentKey, readSshPublicKey } from 'agent-identity-core';
 *
 * const agentKey = generateAgentKey();
 * const publicKey = readSshPublicKey(agentKey.publicKey.ssh);
 * const message = new TextEncoder().encode('hello');
 * publicKey.verify(message, agentKey.sign(message)); // true
 * ```
 */
export function readSshPublicKey(line: string): AgentPublicKey {
  if (typeof line !== 'string' || !line.startsWith(`${keyType} `)) {
    throw invalidLine(line, `got ${describeType(line)}`);
  }
  const blob = decodeBase64(line.slice(keyType.length + 1));
  if (blob === undefined) throw invalidLine(line, 'it is not standard base64');
  if (blob.length !== blobHeader.length + 32 || !blobHeader.every((byte, i) => byte === blob[i])) {
    throw invalidLine(line, 'the base64 does not contain a single 32-byte Ed25519 key');
  }
  const bytes = blob.slice(blobHeader.length);
  const flaw = explainInvalidPublicKey(bytes);
  if (flaw !== undefined)
    throw coreError('invalid_public_key', `expected a usable Ed25519 public key, got ${flaw}`);
  return agentPublicKey(bytes, line);
}

function invalidLine(value: unknown, flaw: string): Error {
  const form = describePublicKeyForm(value);
  const reason = form === undefined ? flaw : `got ${form}`;
  return coreError(
    'invalid_public_key',
    `expected an OpenSSH line "ssh-ed25519 <base64>" without a comment: ${reason}`,
  );
}

/** Formats a 32-byte public key as an OpenSSH line. */
export function formatSshPublicKey(bytes: Uint8Array): string {
  return `${keyType} ${encodeBase64(Uint8Array.from([...blobHeader, ...bytes]))}`;
}
