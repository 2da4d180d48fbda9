import type { CryptoKey } from 'jose';
import { jwtError } from '../errors.js';
import type { JwksSource } from './jwks-source.js';
import { readKeySet } from './key-set.js';

/**
 * Creates a key source from a JWK set that you have: pinned, or your own authority's. It never changes and sends nothing.
 *
 * @param document The parsed JSON. Copied: later changes have no effect.
 * @throws AgentIdentityError `invalid_jwks`
 * @example
 * ```ts
 * import { localJwks } from 'agent-identity-jwt';
 *
 * function readPinnedKeys(json: string) {
 *   return localJwks(JSON.parse(json));
 * }
 * ```
 */
export function localJwks(document: unknown): JwksSource {
  const keys = readKeySet(document);
  return Object.freeze({
    async findKey(kid: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
      signal?.throwIfAborted();
      return requireKey(await keys.find(kid));
    },
  });
}

/** @throws AgentIdentityError `unknown_kid` */
export function requireKey(found: CryptoKey | string): CryptoKey {
  if (typeof found === 'string')
    throw jwtError('unknown_kid', `no usable key for the kid of the JWT: ${found}`);
  return found;
}
