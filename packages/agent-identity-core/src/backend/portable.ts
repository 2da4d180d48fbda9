import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { beginsWithSmallOrderPoint } from '../agent-key/edwards25519.js';
import type { Backend } from './backend.js';

const { Point } = ed25519;
const groupOrder = Point.Fn.ORDER;
const encoder = new TextEncoder();

/** The noble curves, an audited implementation in JavaScript, and the base64 functions of the web platform. */
export const backend: Backend = {
  ed25519PublicKey: (seed) => ed25519.getPublicKey(seed),
  ed25519Signer: (seed) => (message) => ed25519.sign(message, seed),
  ed25519Verifier: (publicKey) => {
    const negatedKey = Point.fromBytes(publicKey).negate();
    return (message, signature) => verifyCofactorless(publicKey, negatedKey, message, signature);
  },
  x25519PublicKey: (secret) => x25519.getPublicKey(secret),
  x25519SharedSecret: (secret, publicKey) => x25519.getSharedSecret(secret, publicKey),
  sha512: (bytes) => sha512(bytes),
  encodeUtf8: (text) => encoder.encode(text),
  encodeBase64: (bytes) => btoa(toBinaryString(bytes)),
  encodeBase64Url: (bytes) =>
    btoa(toBinaryString(bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  decodeBase64: fromBase64,
  decodeBase64Url: (text) => fromBase64(text.replaceAll('-', '+').replaceAll('_', '/')),
};

/** noble's own `verify` multiplies by the cofactor and so accepts signatures that most libraries refuse. */
function verifyCofactorless(
  publicKey: Uint8Array,
  negatedKey: typeof Point.BASE,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64 || beginsWithSmallOrderPoint(signature)) return false;
  const commitment = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= groupOrder) return false;
  const k =
    littleEndian(sha512.create().update(commitment).update(publicKey).update(message).digest()) % groupOrder;
  const expected = Point.BASE.multiplyUnsafe(s).add(negatedKey.multiplyUnsafe(k)).toBytes();
  return expected.every((byte, i) => byte === commitment[i]);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toBinaryString(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
