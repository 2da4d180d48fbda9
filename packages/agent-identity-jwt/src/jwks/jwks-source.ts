import type { CryptoKey } from 'jose';

/** A source of an issuer's public keys. `remoteJwks` and `localJwks` create one; you may implement your own. */
export interface JwksSource {
  /**
   * Returns the one RS256 public key with this `kid`. The `kid` is from a token that is not verified yet.
   *
   * @param effects.signal Ends this caller's wait only; the promise rejects with its reason.
   * @throws AgentIdentityError `unknown_kid`, `jwks_unavailable`, `invalid_jwks`
   */
  findKey(kid: string, effects?: { readonly signal?: AbortSignal | undefined }): Promise<CryptoKey>;
}
