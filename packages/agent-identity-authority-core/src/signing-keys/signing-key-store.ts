import { invalidArgument, requireObject } from 'agent-identity-core/http';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import { type EpochMilliseconds, requireInstants } from '../instant.js';
import { requireStorableText } from '../store/storable-text.js';

/** An RS256 key that signs Agent Identity JWTs. */
export interface StoredSigningKey {
  /** The RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly publicJwk: { readonly kty: 'RSA'; readonly n: string; readonly e: string };
  /** **Secret.** A PKCS#8 PEM. Persistent stores encrypt it. */
  readonly privateKey: string;
  readonly createdAt: EpochMilliseconds;
  /** The key signs from this time until a newer key does. */
  readonly activeFrom: EpochMilliseconds;
  /** The JWKS lists the key until this time; null for the newest key. */
  readonly publishedUntil: EpochMilliseconds | null;
}

/** The signing keys of an authority; see `AuthorityStore` for what holds of every method. */
export interface SigningKeyStore {
  /** All signing keys, oldest first, including keys that are no longer published. */
  listSigningKeys(): Promise<readonly StoredSigningKey[]>;

  /** Adds a signing key if there is none. When several authorities start at once, one succeeds. */
  addFirstSigningKey(key: StoredSigningKey, origin?: ChangeOrigin): Promise<void>;

  /**
   * Adds a signing key, and publishes all others until `othersPublishedUntil` at the latest. Re-encrypts the others with
   * the current master key if needed. With `ifNewestKid`, it does nothing if another key is the newest by now.
   *
   * @returns the `kid` of the newest key
   */
  rotateSigningKey(
    key: StoredSigningKey,
    othersPublishedUntil: EpochMilliseconds,
    origin?: ChangeOrigin,
    ifNewestKid?: string,
  ): Promise<string>;

  /**
   * Publishes an old key until `publishedUntil` at the latest. The newest key is `in_use`: only a rotation ends it.
   */
  retireSigningKey(
    kid: string,
    publishedUntil: EpochMilliseconds,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<'retired' | 'unknown' | 'in_use'>;

  /**
   * Encrypts the private keys that another master key has encrypted with the master key of this store.
   *
   * @returns how many keys were re-encrypted; always 0 in memory, where nothing is encrypted
   */
  reencryptSigningKeys(at: EpochMilliseconds, origin?: ChangeOrigin): Promise<number>;
}

/**
 * Requires a signing key that every store can keep.
 *
 * @throws AgentIdentityError `invalid_argument` for members that a store cannot keep
 * @example
 * ```ts
 * import type { StoredSigningKey } from 'agent-identity-authority-core';
 * import { requireStorableSigningKey } from 'agent-identity-authority-core/store';
 *
 * declare const key: StoredSigningKey;
 * requireStorableSigningKey(key);
 * ```
 */
export function requireStorableSigningKey(key: StoredSigningKey): void {
  requireObject(key, 'signing key');
  const { kid, publicJwk, privateKey, createdAt, activeFrom, publishedUntil } = key;
  requireStorableText({ kid });
  requireObject(publicJwk, 'publicJwk');
  if (typeof privateKey !== 'string') throw invalidArgument('privateKey', 'a PKCS#8 PEM', privateKey);
  requireInstants({ createdAt, activeFrom }, { publishedUntil });
}
