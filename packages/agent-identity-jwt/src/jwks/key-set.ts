import { type CryptoKey, createLocalJWKSet, errors, type JWK, type LocalJWKSet } from 'jose';
import { jwtError } from '../errors.js';

/** No issuer needs more, and each lookup walks them all. */
const maxKeys = 100;

/** The keys of one JWK set document. */
export interface KeySet {
  /** The one RS256 key of this id, or in words why there is none. Imported once and kept. */
  find(kid: string): Promise<CryptoKey | string>;
}

/**
 * Reads a JWK set (RFC 7517 section 5). Members without a `kid` are passed over, whatever they are; jose
 * selects among the others by `kid`, `kty`, `use`, `alg` and `key_ops`, where a missing `use` or `alg` allows RS256.
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
    return weaknessOf(key) ?? key;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return 'it has no RS256 key of that id';
    if (error instanceof errors.JWKSMultipleMatchingKeys) return 'it has several RS256 keys of that id';
    return 'its key of that id is not a public RSA key that can be imported';
  }
}

/** RFC 7518 section 3.3 asks for 2048 bits; with an exponent of 1, anybody can sign. */
function weaknessOf({ algorithm }: CryptoKey): string | undefined {
  const { modulusLength, publicExponent } = algorithm as RsaHashedKeyAlgorithm;
  if (!(modulusLength >= 2048)) return `its key of that id has ${modulusLength} bits, and 2048 are needed`;
  if (publicExponent.every((byte, i) => byte === (i === publicExponent.length - 1 ? 1 : 0))) {
    return 'its key of that id has the public exponent 1';
  }
  return undefined;
}

/** The part of WebCrypto's description of an RSA key that is looked at. */
interface RsaHashedKeyAlgorithm {
  readonly name: string;
  readonly modulusLength: number;
  readonly publicExponent: Uint8Array;
}
