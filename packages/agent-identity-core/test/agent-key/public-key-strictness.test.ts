import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { readSshPublicKey } from 'agent-identity-core';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { sshLineOf } from '../support/ssh-line-of.js';

const { Point } = ed25519;
const p = Point.Fp.ORDER;

/** 32 bytes of a y coordinate, canonical or not, and the sign of x. */
function encodingOf(y: bigint, sign: 0 | 1): Uint8Array {
  const bytes = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
  bytes[31] = (bytes[31] as number) | (sign << 7);
  return bytes;
}

function isOnCurve(encoding: Uint8Array): boolean {
  try {
    Point.fromBytes(encoding);
    return true;
  } catch {
    return false;
  }
}

const torsionPoints = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex));
const signs = [0, 1] as const;
/** The y coordinates below 19, whose encoding has a second form that still fits into 255 bits. */
const smallYs = Array.from({ length: 19 }, (_, y) => BigInt(y));

describe('a public key of small order', () => {
  it('is refused for each of the eight points whose order divides 8', () => {
    expect(new Set(torsionPoints.map((point) => point.toHex())).size).toBe(8);
    for (const point of torsionPoints) {
      expect(point.multiplyUnsafe(8n).equals(Point.ZERO)).toBe(true);
      const error = thrownBy(() => readSshPublicKey(sshLineOf(point.toBytes())));
      expect(error.code).toBe('invalid_public_key');
      expect(error.message).toContain('a point of small order');
    }
  });

  it('is refused in every other encoding: y not reduced, or the sign bit set although x is 0', () => {
    const ys = new Set(torsionPoints.map((point) => point.toAffine().y));
    const encodings = [...ys].flatMap((y) =>
      [y, y + p]
        .filter((form) => form < 2n ** 255n)
        .flatMap((form) => signs.map((sign) => encodingOf(form, sign))),
    );
    // Eight canonical ones and the six others of "Taming the many EdDSAs", table 1.
    expect(encodings).toHaveLength(14);
    for (const encoding of encodings) {
      expect(thrownBy(() => readSshPublicKey(sshLineOf(encoding))).code).toBe('invalid_public_key');
    }
  });
});

describe('a non-canonical public key', () => {
  it('is refused for each y from p to 2^255 - 1, with either sign of x', () => {
    for (const y of smallYs) {
      for (const sign of signs) {
        const error = thrownBy(() => readSshPublicKey(sshLineOf(encodingOf(y + p, sign))));
        expect(error.code).toBe('invalid_public_key');
        expect(error.message).toContain('a non-canonical encoding');
      }
    }
  });

  it('is refused although the canonical encoding of the same point is accepted', () => {
    const accepted = smallYs.filter((y) => y > 1n && isOnCurve(encodingOf(y, 0)));
    expect(accepted.length).toBeGreaterThan(3);
    for (const y of accepted) {
      for (const sign of signs) {
        expect(readSshPublicKey(sshLineOf(encodingOf(y, sign))).bytes).toEqual(
          new Uint8Array(encodingOf(y, sign)),
        );
      }
    }
  });
});

describe('32 bytes off the curve', () => {
  it('are refused exactly where noble refuses them', () => {
    const verdicts = { point: 0, none: 0 };
    for (let y = 2n; y < 300n; y += 1n) {
      const encoding = encodingOf(y, 1);
      if (isOnCurve(encoding)) {
        verdicts.point += 1;
        expect(readSshPublicKey(sshLineOf(encoding)).bytes).toEqual(new Uint8Array(encoding));
      } else {
        verdicts.none += 1;
        const error = thrownBy(() => readSshPublicKey(sshLineOf(encoding)));
        expect(error.code).toBe('invalid_public_key');
        expect(error.message).toContain('a point that is not on the curve');
      }
    }
    expect(Math.min(verdicts.point, verdicts.none)).toBeGreaterThan(100);
  });
});

describe('a point of the large group with a small-order part', () => {
  it('is accepted, because only the holder of the secret can sign for it', () => {
    for (const part of torsionPoints) {
      const bytes = Point.BASE.multiply(7n).add(part).toBytes();
      expect(readSshPublicKey(sshLineOf(bytes)).bytes).toEqual(bytes);
    }
  });
});
