import { edwards } from '@noble/curves/abstract/edwards.js';
import { sha512 as nobleSha512 } from '@noble/hashes/sha2.js';
import { beginsWithSmallOrderPoint, edwards25519 } from '../agent-key/edwards25519.js';
import type { Backend } from './backend.js';

/** The arithmetic of the noble curves, an audited implementation in JavaScript, and base64 of the web platform. */
const Point = /* @__PURE__ */ edwards(edwards25519);

/** Makes signatures as in RFC 8032 section 5.1.6. Prepares the key once, which halves the time of a signature. */
export const ed25519Signer: Backend['ed25519Signer'] = (seed) => {
  const { scalar, prefix } = expandSeed(seed);
  const publicKey = Point.BASE.multiply(scalar).toBytes();
  return (message) => {
    const r = hashToScalar(prefix, message);
    const commitment = Point.BASE.multiply(r).toBytes();
    const k = hashToScalar(commitment, publicKey, message);
    return Uint8Array.from([...commitment, ...Point.Fn.toBytes(Point.Fn.create(r + k * scalar))]);
  };
};

export const ed25519PublicKey: Backend['ed25519PublicKey'] = (seed) =>
  Point.BASE.multiply(expandSeed(seed).scalar).toBytes();

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

const basePointU = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));

export const x25519PublicKey: Backend['x25519PublicKey'] = (secret) => x25519(secret, basePointU);

export const x25519SharedSecret: Backend['x25519SharedSecret'] = (secret, publicKey) => {
  const shared = x25519(secret, publicKey);
  if (shared.every((byte) => byte === 0)) throw new Error('the shared secret is zero');
  return shared;
};

/** The Montgomery ladder of RFC 7748 section 5. It swaps by arithmetic, so that no branch depends on the secret. */
function x25519(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const { p } = edwards25519;
  const mul = (one: bigint, other: bigint) => (one * other) % p;
  const swap = (bit: bigint, one: bigint, other: bigint): readonly [bigint, bigint] => [
    one + bit * (other - one),
    other + bit * (one - other),
  ];
  const scalar = littleEndian(clamp(secret.slice()));
  const u = (littleEndian(publicKey) & (2n ** 255n - 1n)) % p;
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n];
  for (let i = 254n; i >= 0n; i -= 1n) {
    const bit = (scalar >> i) & 1n;
    [x2, x3] = swap(bit, x2, x3);
    [z2, z3] = swap(bit, z2, z3);
    const [a, b, c, d] = [x2 + z2, x2 - z2 + p, x3 + z3, x3 - z3 + p];
    const [aa, bb, da, cb] = [mul(a, a), mul(b, b), mul(d, a), mul(c, b)];
    const e = aa - bb + p;
    [x3, z3] = [mul(da + cb, da + cb), mul(u, mul(da - cb, da - cb))];
    [x2, z2] = [mul(aa, bb), mul(e, aa + 121665n * e)];
    [x2, x3] = swap(bit, x2, x3);
    [z2, z3] = swap(bit, z2, z3);
  }
  return Point.Fp.toBytes(z2 === 0n ? 0n : mul(x2, Point.Fp.inv(z2)));
}

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

/** RFC 8032 section 5.1.5, steps 1 to 3. */
function expandSeed(seed: Uint8Array): { readonly scalar: bigint; readonly prefix: Uint8Array } {
  const hash = nobleSha512(seed);
  const scalar = Point.Fn.create(littleEndian(clamp(hash.slice(0, 32))));
  return { scalar, prefix: hash.slice(32) };
}

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
