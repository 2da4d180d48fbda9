import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
// @boundaries-ignore backends are not part of the public surface
import * as native from '../../packages/agent-identity-core/dist/backend/node.js';
// @boundaries-ignore backends are not part of the public surface
import * as portable from '../../packages/agent-identity-core/dist/backend/portable.js';

/**
 * The number of random inputs per property, 10,000 in total. The portable backend takes about a millisecond per curve
 * operation, so only 4,600 of the cases need one.
 */
const cases = {
  'public key and signature': 800,
  'verdict on a genuine signature': 600,
  'verdict on a changed signature': 1100,
  'verdict for a key or R with a small-order part': 900,
  'verdict on random bytes': 600,
  'X25519 public key and shared secret': 600,
  'SHA-512': 900,
  'UTF-8 encoding': 1000,
  'base64 encoding': 1500,
  'base64 decoding': 2000,
};

let ran = 0;
/** Checks a property with the number of random cases in the table, and counts the cases that ran. */
function agree<T extends [unknown, ...unknown[]]>(
  name: keyof typeof cases,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  predicate: (...inputs: T) => void,
): void {
  it(`on ${cases[name]} cases of: ${name}`, () => {
    const property = fc.property(...arbitraries, (...inputs: T) => predicate(...inputs));
    const { failed, numRuns, ...details } = fc.check(property, { numRuns: cases[name], endOnFailure: false });
    if (failed) throw new Error(fc.defaultReportMessage({ failed, numRuns, ...details } as never));
    ran += numRuns;
  }, 60_000);
}

const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength });
const hexOf = (value: Uint8Array | undefined) => value && Buffer.from(value).toString('hex');

/** Returns the result of an operation, or `refused` if it throws. */
function outcome<T>(operation: () => T): T | 'refused' {
  try {
    return operation();
  } catch {
    return 'refused';
  }
}

function expectSameVerdict(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const [one, other] = [native, portable].map((backend) =>
    backend.ed25519Verifier(publicKey)(message, signature),
  );
  expect(one).toBe(other);
  return one === true;
}

const { Point } = ed25519;
const torsion = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex));

function challenge(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  const hash = Buffer.from(native.sha512(Buffer.concat([r, publicKey, message]))).reverse();
  return BigInt(`0x${hash.toString('hex')}`) % Point.Fn.ORDER;
}

describe('the native and the portable backend agree', () => {
  agree('public key and signature', [bytes(32), bytes(0, 300)], (seed, message) => {
    expect(hexOf(native.ed25519PublicKey(seed))).toBe(hexOf(portable.ed25519PublicKey(seed)));
    expect(hexOf(native.ed25519Signer(seed)(message))).toBe(hexOf(portable.ed25519Signer(seed)(message)));
  });

  agree('verdict on a genuine signature', [bytes(32), bytes(0, 300)], (seed, message) => {
    const signature = native.ed25519Signer(seed)(message);
    expect(expectSameVerdict(native.ed25519PublicKey(seed), message, signature)).toBe(true);
  });

  const bit = fc.nat({ max: 511 });
  agree('verdict on a changed signature', [bytes(32), bytes(0, 100), bit], (seed, message, changedBit) => {
    const signature = Uint8Array.from(native.ed25519Signer(seed)(message));
    signature[changedBit >> 3] = (signature[changedBit >> 3] as number) ^ (1 << (changedBit & 7));
    expect(expectSameVerdict(native.ed25519PublicKey(seed), message, signature)).toBe(false);
  });

  // The signature is honest, but a point of small order is added to the public key, to R, or to both. Whether the
  // equation holds then depends on the hash and on whether the cofactor is used.
  const verdicts = { accepted: 0, refused: 0 };
  const scalar = fc.bigInt({ min: 1n, max: Point.Fn.ORDER - 1n });
  const part = fc.nat({ max: 7 });
  agree(
    'verdict for a key or R with a small-order part',
    [scalar, fc.oneof({ arbitrary: scalar, weight: 5 }, fc.constant(0n)), part, part, bytes(0, 40)],
    (secret, nonce, keyPart, rPart, message) => {
      const publicKey = Point.BASE.multiply(secret)
        .add(torsion[keyPart] as typeof Point.BASE)
        .toBytes();
      const r = Point.BASE.multiplyUnsafe(nonce)
        .add(torsion[rPart] as typeof Point.BASE)
        .toBytes();
      const s = (nonce + challenge(r, publicKey, message) * secret) % Point.Fn.ORDER;
      const signature = Buffer.concat([r, Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]);
      verdicts[expectSameVerdict(publicKey, message, signature) ? 'accepted' : 'refused'] += 1;
    },
  );
  it('and these cases include both verdicts', () => {
    expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(20);
  });

  const anySignature = fc.oneof(
    bytes(64),
    bytes(0, 130),
    fc.constantFrom(...torsion.map((point) => Buffer.concat([point.toBytes(), new Uint8Array(32)]))),
  );
  agree('verdict on random bytes', [scalar, bytes(0, 40), anySignature], (secret, message, signature) => {
    expectSameVerdict(Point.BASE.multiply(secret).toBytes(), message, signature);
  });

  const peer = fc.oneof(
    bytes(32),
    fc
      .constantFrom(0n, 1n, Point.Fp.ORDER - 1n, Point.Fp.ORDER, Point.Fp.ORDER + 1n, 2n ** 255n - 1n)
      .map((u) => Uint8Array.from(Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse())),
  );
  agree('X25519 public key and shared secret', [bytes(32), peer], (secret, publicKey) => {
    expect(hexOf(native.x25519PublicKey(secret))).toBe(hexOf(portable.x25519PublicKey(secret)));
    const [one, other] = [native, portable].map((backend) =>
      outcome(() => hexOf(backend.x25519SharedSecret(secret, publicKey))),
    );
    expect(one).toBe(other);
  });

  agree('SHA-512', [bytes(0, 400)], (input) => {
    expect(hexOf(native.sha512(input))).toBe(hexOf(portable.sha512(input)));
  });

  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), lonelySurrogates());
  agree('UTF-8 encoding', [text], (input) => {
    expect(hexOf(native.encodeUtf8(input))).toBe(hexOf(portable.encodeUtf8(input)));
  });

  agree('base64 encoding', [bytes(0, 200)], (input) => {
    expect(native.encodeBase64(input)).toBe(portable.encodeBase64(input));
    expect(native.encodeBase64Url(input)).toBe(portable.encodeBase64Url(input));
  });

  agree('base64 decoding', [almostBase64()], (input) => {
    for (const [decode, encode] of [
      ['decodeBase64', 'encodeBase64'],
      ['decodeBase64Url', 'encodeBase64Url'],
    ] as const) {
      // Each decoder is lenient in its own way, so core encodes the result again and compares. Only that must agree.
      const [one, other] = [native, portable].map((backend) => {
        const decoded = backend[decode](input);
        return decoded !== undefined && backend[encode](decoded) === input ? hexOf(decoded) : undefined;
      });
      expect(one).toBe(other);
    }
  });

  it('on 10,000 cases in total', () => {
    expect(ran).toBe(10_000);
  });
});

/** Text with unpaired surrogates, which encode as U+FFFD. */
function lonelySurrogates(): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.constantFrom('\ud800', '\udfff', '\ud83e', '\udd16'), fc.string({ maxLength: 2 }));
  return fc.array(unit, { maxLength: 12 }).map((units) => units.join(''));
}

/** Base64 in either alphabet, unchanged or with one edit that strict decoders refuse. */
function almostBase64(): fc.Arbitrary<string> {
  const edits = fc.constantFrom('', '=', '==', ' ', '\n', '-', '_', '+', '/', '.', 'é', 'A', 'B', '\u0100');
  return fc
    .tuple(bytes(0, 100), fc.constantFrom('base64', 'base64url'), edits, fc.nat(200), fc.boolean())
    .map(([input, encoding, edit, position, cut]) => {
      const encoded = Buffer.from(input).toString(encoding as 'base64');
      const at = position % (encoded.length + 1);
      return encoded.slice(0, at) + edit + encoded.slice(cut ? at + 1 : at);
    });
}
