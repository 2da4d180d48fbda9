/** The parameters of a twisted Edwards curve: field, group order, cofactor, a, d, and the base point. */
interface EdwardsCurve {
  readonly p: bigint;
  readonly n: bigint;
  readonly h: bigint;
  readonly a: bigint;
  readonly d: bigint;
  readonly Gx: bigint;
  readonly Gy: bigint;
}

/** The curve of Ed25519 (RFC 8032 section 5.1). */
export const edwards25519: EdwardsCurve = {
  p: 2n ** 255n - 19n,
  n: 2n ** 252n + 27742317777372353535851937790883648493n,
  h: 8n,
  a: 2n ** 255n - 20n,
  d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
  Gx: 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,
  Gy: 0x6666666666666666666666666666666666666666666666666666666666666658n,
};

const { p, d } = edwards25519;

/** The y coordinates of the eight points whose order divides 8. Anyone can forge signatures for such a key. */
const smallOrderYs: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  p - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

/** Their canonical encodings without the sign of x, keyed by the first byte, which is different in each. */
const smallOrderEncodings: ReadonlyMap<number | undefined, Uint8Array> = new Map(
  [...smallOrderYs].map(littleEndian).map((encoding) => [encoding[0], encoding]),
);

/**
 * Whether a signature begins with the canonical encoding of a point of small order. No honest signer produces one by
 * chance. Runtimes disagree on such signatures: libsodium, the Web Cryptography API and Node 24 and later refuse them.
 */
export function beginsWithSmallOrderPoint(signature: Uint8Array): boolean {
  const encoding = smallOrderEncodings.get(signature[0]);
  return (
    encoding?.every((byte, i) => byte === (i === 31 ? (signature[i] ?? 0) & 127 : signature[i])) === true
  );
}

/**
 * Returns why 32 bytes must not be used as an Ed25519 public key, or `undefined` if they may be used: they must be the
 * canonical encoding of a curve point that is not of small order.
 */
export function explainInvalidPublicKey(bytes: Uint8Array): string | undefined {
  const y = yCoordinate(bytes);
  if (y >= p) return 'a non-canonical encoding';
  if (smallOrderYs.has(y)) return 'a point of small order';
  const ySquared = (y * y) % p;
  const xSquaredTimesSquare = mod((ySquared - 1n) * (d * ySquared + 1n));
  return power(xSquaredTimesSquare, (p - 1n) / 2n) === 1n ? undefined : 'a point that is not on the curve';
}

/** Maps an Ed25519 public key to the X25519 key of the same secret: u = (1 + y) / (1 - y) (RFC 7748 section 4.1). */
export function toMontgomery(bytes: Uint8Array): Uint8Array {
  const y = yCoordinate(bytes);
  return littleEndian(mod((1n + y) * power(mod(1n - y), p - 2n)));
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function yCoordinate(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) & (2n ** 255n - 1n);
}

function mod(value: bigint): bigint {
  const remainder = value % p;
  return remainder < 0n ? remainder + p : remainder;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % p;
    if (bit === '1') result = (result * base) % p;
  }
  return result;
}
