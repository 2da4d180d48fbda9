import { type EdDSA, eddsa, edwards } from '@noble/curves/abstract/edwards.js';
import { montgomery } from '@noble/curves/abstract/montgomery.js';
import { sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import { beginsWithSmallOrderPoint, edwards25519 } from '../agent-key/edwards25519.js';
import type { Backend } from './backend.js';

/** The noble curves, an audited implementation in JavaScript, and base64 of the web platform. */
const Point = /* @__PURE__ */ edwards(edwards25519);
const ed25519: EdDSA = /* @__PURE__ */ eddsa(Point, nobleSha512, { adjustScalarBytes: clamp, zip215: true });
const x25519 = /* @__PURE__ */ montgomery({
  P: edwards25519.p,
  type: 'x25519',
  adjustScalarBytes: clamp,
  powPminus2: (x) => Point.Fp.inv(x),
});

export const ed25519Signer: Backend['ed25519Signer'] = (seed) => (message) => ed25519.sign(message, seed);

export const ed25519PublicKey: Backend['ed25519PublicKey'] = (seed) => ed25519.getPublicKey(seed);

/** noble's own `verify` multiplies by the cofactor and so accepts signatures that most libraries refuse. */
export const ed25519Verifier: Backend['ed25519Verifier'] = (publicKey) => {
  const negatedKey = Point.fromBytes(publicKey).negate();
  return (message, signature) => {
    if (signature.length !== 64 || beginsWithSmallOrderPoint(signature)) return false;
    const commitment = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    if (s >= Point.Fn.ORDER) return false;
    const k = hashToScalar(commitment, publicKey, message);
    const expected = Point.BASE.multiplyUnsafe(s).add(negatedKey.multiplyUnsafe(k)).toBytes();
    return expected.every((byte, i) => byte === commitment[i]);
  };
};

export const x25519PublicKey: Backend['x25519PublicKey'] = (secret) => x25519.getPublicKey(secret);

export const x25519SharedSecret: Backend['x25519SharedSecret'] = (secret, publicKey) =>
  x25519.getSharedSecret(secret, publicKey);

export const sha512: Backend['sha512'] = (bytes) => nobleSha512(bytes);

export const encodeUtf8: Backend['encodeUtf8'] = (text) => new TextEncoder().encode(text);

export const encodeBase64: Backend['encodeBase64'] = (bytes) => btoa(toBinaryString(bytes));

export const encodeBase64Url: Backend['encodeBase64Url'] = (bytes) =>
  encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export const decodeBase64: Backend['decodeBase64'] = (text) => {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
};

export const decodeBase64Url: Backend['decodeBase64Url'] = (text) =>
  decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'));

/** Changes and returns the same 32 bytes (RFC 7748 section 5, RFC 8032 section 5.1.5). */
function clamp(bytes: Uint8Array): Uint8Array {
  bytes[0] = (bytes[0] as number) & 248;
  bytes[31] = ((bytes[31] as number) & 127) | 64;
  return bytes;
}

function hashToScalar(...parts: readonly Uint8Array[]): bigint {
  const hash = parts.reduce((state, part) => state.update(part), nobleSha512.create());
  return Point.Fn.create(littleEndian(hash.digest()));
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toBinaryString(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
