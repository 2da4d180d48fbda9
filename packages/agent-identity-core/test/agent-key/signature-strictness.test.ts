import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { generateAgentKey, readSshPublicKey } from 'agent-identity-core';
import { describe, expect, it } from 'vitest';
import { sshLineOf } from '../support/ssh-line-of.js';

const { Point } = ed25519;
const order = Point.Fn.ORDER;
const message = new TextEncoder().encode('agent-123:task-123:2026-04-23T00:00:00Z');
const secret = 0x1234567890abcdefn;
const torsion = Point.fromHex(ED25519_TORSION_SUBGROUP[1] as string);

function littleEndian(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

function challenge(r: Uint8Array, publicKey: Uint8Array, signed: Uint8Array): bigint {
  const hash = Buffer.from(sha512(Buffer.concat([r, publicKey, signed]))).reverse();
  return BigInt(`0x${hash.toString('hex')}`) % order;
}

/** Creates a signature with the secret and any first half: S is chosen to satisfy the equation. */
function sign(
  r: bigint,
  rBytes: Uint8Array,
  publicKey: Uint8Array,
  signed: Uint8Array = message,
): Uint8Array {
  const s = (r + challenge(rBytes, publicKey, signed) * secret) % order;
  return Buffer.concat([rBytes, littleEndian(s)]);
}

function verify(publicKey: Uint8Array, signature: Uint8Array, signed: Uint8Array = message): boolean {
  return readSshPublicKey(sshLineOf(publicKey)).verify(signed, signature);
}

const publicKey = Point.BASE.multiply(secret).toBytes();
const commitment = Point.BASE.multiply(99n);
const genuine = sign(99n, commitment.toBytes(), publicKey);

describe('a signature', () => {
  it('is accepted if S and R are as in RFC 8032', () => {
    expect(verify(publicKey, genuine)).toBe(true);
  });

  it('is refused with S + L, S + 2L and so on in place of S, as far as they fit', () => {
    const s = BigInt(`0x${Buffer.from(genuine.subarray(32)).reverse().toString('hex')}`);
    for (let other = s + order; other < 2n ** 256n; other += order) {
      expect(verify(publicKey, Buffer.concat([genuine.subarray(0, 32), littleEndian(other)]))).toBe(false);
    }
  });

  it('is refused if S is the group order or the largest value that fits', () => {
    for (const s of [littleEndian(order), littleEndian(2n ** 253n), littleEndian(2n ** 256n - 1n)]) {
      expect(verify(publicKey, Buffer.concat([genuine.subarray(0, 32), s]))).toBe(false);
    }
  });

  it('is refused if R is the identity in any encoding', () => {
    // The identity is y = 1; p + 1 and the "negative" x = 0 mean the same to a lenient reader.
    const encodings = [
      littleEndian(1n),
      littleEndian(Point.Fp.ORDER + 1n),
      littleEndian(1n + 2n ** 255n),
      littleEndian(Point.Fp.ORDER + 1n + 2n ** 255n),
    ];
    for (const rBytes of encodings) {
      expect(ed25519.verify(sign(0n, rBytes, publicKey), message, publicKey, { zip215: true })).toBe(true);
      expect(verify(publicKey, sign(0n, rBytes, publicKey))).toBe(false);
    }
  });

  it('is refused if R is of small order, although the equation holds', () => {
    const mixedKey = Point.BASE.multiply(secret).add(torsion).toBytes();
    const seen = new Set<string>();
    for (let i = 0; seen.size < 8; i += 1) {
      const signed = Buffer.concat([message, Buffer.from(String(i))]);
      for (const point of ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex))) {
        const k = challenge(point.toBytes(), mixedKey, signed);
        if (!point.add(torsion.multiplyUnsafe(k % 8n)).equals(Point.ZERO)) continue;
        seen.add(point.toHex());
        expect(verify(mixedKey, sign(0n, point.toBytes(), mixedKey, signed), signed)).toBe(false);
      }
    }
  });

  it('is refused if only the cofactored equation holds because of a small-order part of R', () => {
    const rBytes = commitment.add(torsion).toBytes();
    const signature = sign(99n, rBytes, publicKey);
    expect(ed25519.verify(signature, message, publicKey)).toBe(true);
    expect(verify(publicKey, signature)).toBe(false);
  });

  it('is refused if only the cofactored equation holds because of a small-order part of the key', () => {
    const mixedKey = Point.BASE.multiply(secret).add(torsion).toBytes();
    const verdicts = new Set<boolean>();
    for (let i = 0; i < 64; i += 1) {
      const signed = Buffer.concat([message, Buffer.from([i])]);
      const signature = sign(99n, commitment.toBytes(), mixedKey, signed);
      const k = challenge(commitment.toBytes(), mixedKey, signed);
      expect(ed25519.verify(signature, signed, mixedKey)).toBe(true);
      expect(verify(mixedKey, signature, signed)).toBe(k % 8n === 0n);
      verdicts.add(k % 8n === 0n);
    }
    expect(verdicts).toEqual(new Set([true, false]));
  });

  it('is refused with any one bit changed', () => {
    for (let bit = 0; bit < 512; bit += 1) {
      const changed = Uint8Array.from(genuine);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(verify(publicKey, changed)).toBe(false);
    }
  });

  it('is refused without an exception if it is not 64 bytes long', () => {
    for (const length of [0, 1, 32, 63]) expect(verify(publicKey, genuine.subarray(0, length))).toBe(false);
    expect(verify(publicKey, Buffer.concat([genuine, Buffer.from([0])]))).toBe(false);
    expect(verify(publicKey, Buffer.concat([genuine, genuine]))).toBe(false);
  });

  it('is refused if it is all zeros or if the key is another one', () => {
    expect(verify(publicKey, new Uint8Array(64))).toBe(false);
    expect(generateAgentKey().publicKey.verify(message, genuine)).toBe(false);
  });
});
