import { type CryptoKey, createLocalJWKSet, errors, type JWK, type LocalJWKSet } from 'jose';
import { jwtError } from '../errors.js';

/** No issuer needs more, and each lookup goes through all of them. */
const maxKeys = 100;

/** The keys of one JWK set. */
export interface KeySet {
  /** Returns the one RS256 key with this id, imported once, or words that say why there is none. */
  find(kid: string): Promise<CryptoKey | string>;
}

/**
 * Reads a JWK set (RFC 7517 section 5). Ignores members without a `kid`, whatever they are. jose selects among the others
 * by `kid`, `kty`, `use`, `alg` and `key_ops`; a missing `use` or `alg` allows RS256.
 *
 * @throws AgentIdentityError `invalid_jwks`
 */
export function readKeySet(document: unknown): KeySet {
  const keys = keysOf(document);
  if (keys === undefined)
    throw jwtError('invalid_jwks', 'expected a JWK set: an object with an array "keys"');
  if (keys.length > maxKeys) {
    throw jwtError('invalid_jwks', `expected a JWK set of at most ${maxKeys} keys, got ${keys.length}`);
  }
  const resolve = importable(keys.filter(isKeyWithId));
  const imported = new Map<string, CryptoKey>();
  return {
    async find(kid) {
      const known = imported.get(kid);
      if (known !== undefined) return known;
      const found = await importKey(resolve, kid);
      if (typeof found !== 'string') imported.set(kid, found);
      return found;
    },
  };
}

function keysOf(document: unknown): readonly unknown[] | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const keys: unknown = Reflect.get(document, 'keys');
  return Array.isArray(keys) ? keys : undefined;
}

function isKeyWithId(key: unknown): key is JWK {
  if (typeof key !== 'object' || key === null) return false;
  const kid: unknown = Reflect.get(key, 'kid');
  return typeof kid === 'string' && kid !== '';
}

function importable(keys: JWK[]): LocalJWKSet {
  try {
    return createLocalJWKSet({ keys });
  } catch {
    throw jwtError('invalid_jwks', 'expected a JWK set of plain JSON values');
  }
}

async function importKey(resolve: LocalJWKSet, kid: string): Promise<CryptoKey | string> {
  try {
    const key = await resolve({ alg: 'RS256', kid });
    return findWeakness(key) ?? key;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return 'the key set has no RS256 key with this id';
    if (error instanceof errors.JWKSMultipleMatchingKeys)
      return 'the key set has several RS256 keys with this id';
    return 'the key with this id is not a public RSA key that can be imported';
  }
}

/** RFC 7518 section 3.3 requires 2048 bits. With an exponent of 1, anyone can sign. */
function findWeakness({ algorithm }: CryptoKey): string | undefined {
  const { modulusLength, publicExponent } = algorithm as RsaHashedKeyAlgorithm;
  if (!(modulusLength >= 2048))
    return `the key with this id has ${modulusLength} bits, and 2048 are required`;
  if (publicExponent.every((byte, i) => byte === (i === publicExponent.length - 1 ? 1 : 0))) {
    return 'the key with this id has the public exponent 1';
  }
  return undefined;
}

/** The members used here of WebCrypto's `RsaHashedKeyAlgorithm`. */
interface RsaHashedKeyAlgorithm {
  readonly name: string;
  readonly modulusLength: number;
  readonly publicExponent: Uint8Array;
}
