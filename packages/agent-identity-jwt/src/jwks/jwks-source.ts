import type { CryptoKey } from 'jose';

/** Where the public keys of an issuer come from. `remoteJwks` and `localJwks` make one; an own one may as well. */
export interface JwksSource {
  /**
   * The one RS256 public key of this `kid`, which comes from a token that nobody has verified yet.
   *
   * @param effects.signal Ends this caller's wait, and no one else's; the promise rejects with its reason.
   * @throws AgentIdentityError `unknown_kid`, `jwks_unavailable`, `invalid_jwks`
   */
  findKey(kid: string, effects?: { readonly signal?: AbortSignal | undefined }): Promise<CryptoKey>;
}
