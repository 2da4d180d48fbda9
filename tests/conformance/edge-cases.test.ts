import { createHash } from 'node:crypto';
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import edgeCases from '../vectors/ed25519-edge-cases.json' with { type: 'json' };

const { Point } = ed25519;
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** Decodes a point, canonical or not. Returns `undefined` if it is not on the curve. */
function lenientPoint(encoding: Uint8Array) {
  try {
    return Point.fromBytes(encoding, true);
  } catch {
    return undefined;
  }
}

const littleEndian = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/** Whether R is the canonical encoding of [S]B - [k]A and S is less than the group order. */
function equationHolds(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const s = littleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  const hash = createHash('sha512')
    .update(signature.subarray(0, 32))
    .update(publicKey)
    .update(message)
    .digest();
  const k = littleEndian(hash) % Point.Fn.ORDER;
  const expected = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(publicKey).multiplyUnsafe(k));
  return Buffer.from(expected.toBytes()).equals(signature.subarray(0, 32));
}

/** Whether encoding the decoded point gives the same bytes. */
function isCanonical(encoding: Uint8Array): boolean {
  const point = lenientPoint(encoding);
  return point !== undefined && Buffer.from(point.toBytes()).equals(encoding);
}

describe('the edge cases match their descriptions according to noble', () => {
  it.each(edgeCases.refused_public_keys)('refused: $why', ({ why, public_key_hex }) => {
    const encoding = bytesOf(public_key_hex);
    const point = lenientPoint(encoding);
    if (why.startsWith('small order')) expect(point?.isSmallOrder()).toBe(true);
    if (why.startsWith('small order, in another') || why.startsWith('not canonical')) {
      expect(point).toBeDefined();
      expect(isCanonical(encoding)).toBe(false);
    }
    if (why.startsWith('not canonical')) expect(point?.isSmallOrder()).toBe(false);
    if (why.startsWith('off the curve')) expect(point).toBeUndefined();
    expect(why).toMatch(/^(small order|not canonical|off the curve)/);
  });

  it('the refused keys include all points of small order', () => {
    const refused = edgeCases.refused_public_keys.map(({ public_key_hex }) => public_key_hex);
    expect(new Set(refused).size).toBe(refused.length);
    expect(refused).toEqual(expect.arrayContaining([...ED25519_TORSION_SUBGROUP]));
    expect(ED25519_TORSION_SUBGROUP).toHaveLength(8);
  });

  it.each(edgeCases.accepted_public_keys)('accepted: $why', ({ why, public_key_hex }) => {
    const encoding = bytesOf(public_key_hex);
    expect(isCanonical(encoding)).toBe(true);
    expect(lenientPoint(encoding)?.isSmallOrder()).toBe(false);
    if (why.startsWith('of the large group')) expect(lenientPoint(encoding)?.isTorsionFree()).toBe(false);
  });

  it.each(edgeCases.signatures)('signature: $why', ({ why, valid, ...hex }) => {
    const [signature, message, publicKey] = [hex.signature_hex, hex.message_hex, hex.public_key_hex].map(
      bytesOf,
    );
    const acceptedWithCofactor =
      signature?.length === 64 && ed25519.verify(signature, message as Uint8Array, publicKey as Uint8Array);
    expect(valid).toBe(
      equationHolds(publicKey as Uint8Array, message as Uint8Array, signature as Uint8Array) &&
        !lenientPoint((signature as Uint8Array).subarray(0, 32))?.isSmallOrder(),
    );
    if (why.includes('both equations hold')) {
      expect(equationHolds(publicKey as Uint8Array, message as Uint8Array, signature as Uint8Array)).toBe(
        true,
      );
    }
    if (why.includes('only the equation with the cofactor')) {
      expect(acceptedWithCofactor).toBe(true);
      expect(valid).toBe(false);
    }
  });
});
