import type { CryptoKey } from 'jose';
import { jwtError } from '../errors.js';
import type { JwksSource } from './jwks-source.js';
import { readKeySet } from './key-set.js';

/**
 * The keys of a JWK set that is at hand: pinned, or the authority's own. Never changes and never asks anybody.
 *
 * @param document The parsed JSON. Copied; later changes to it are not seen.
 * @throws AgentIdentityError `invalid_jwks`
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
  if (typeof found === 'string') throw jwtError('unknown_kid', `no key of the key set fits: ${found}`);
  return found;
}
