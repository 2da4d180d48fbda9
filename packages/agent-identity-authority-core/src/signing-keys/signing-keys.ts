import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from 'agent-identity-core';
import { calculateJwkThumbprint, type JWTPayload, SignJWT } from 'jose';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import { authorityError } from '../errors.js';
import type { AuthorityStore } from '../store/authority-store.js';
import type { StoredSigningKey } from './signing-key-store.js';

/** The public signing keys, as clients fetch them (RFC 7517 section 5). Nothing in it is secret. */
export interface PublicJwks {
  readonly keys: readonly PublicSigningJwk[];
}

/** The public key of an RS256 signing key in the JWKS (RFC 7517, docs/protocol.md section 7). */
export interface PublicSigningJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
}

/** Options for `rotateSigningKey`. */
export interface RotateSigningKeyOptions {
  /** How long the new key is published before it signs, so that every cache has it by then. Default: 0. */
  readonly activateAfterSeconds?: number | undefined;
  /**
   * How long the old keys stay published after that. Default: as long as a JWT that they signed can be valid. Use 0 for a
   * key that leaked: clients refuse its JWTs as soon as their cached JWKS expires.
   */
  readonly overlapSeconds?: number | undefined;
  /**
   * Rotates only if the newest key still has this `kid`, so that several nodes that rotate at once create one key. Default:
   * rotates in any case.
   */
  readonly ifNewestKid?: string | undefined;
}

/** Creates the private half of a signing key: a PKCS#8 PEM of an RSA key with 2048 bits or more. **Secret.** */
export type GenerateSigningKey = () => Promise<string>;

/** The keys that sign Agent Identity JWTs. Those of the store are read at each call. */
export interface SigningKeys {
  /** Whether they are given as `jwtSigners`, so that those of the store are neither used nor published. */
  readonly areExternal: boolean;
  /** Returns the claims as a JWT, signed by the key that signs now. */
  sign(claims: JWTPayload): Promise<string>;
  published(): Promise<PublicJwks>;
  /** Returns the `kid` of the newest key: the new one, unless another key than `ifNewestKid` was the newest. */
  rotate(
    rotation: RotateSigningKeyOptions & {
      readonly activateAfterSeconds: number;
      readonly overlapSeconds: number;
    },
    origin?: ChangeOrigin,
  ): Promise<string>;
}

/** Dependencies of signing keys. */
export interface SigningKeysParts {
  readonly generateSigningKey: GenerateSigningKey | undefined;
  readonly clock: Clock;
}

/**
 * Opens the signing keys of a store, and creates the first one if there is none.
 *
 * @throws AgentIdentityError `store_unavailable`, `invalid_argument` for a key that is not RSA or too short
 */
export async function openSigningKeys(
  store: AuthorityStore,
  { generateSigningKey = generateRsaKey, clock }: SigningKeysParts,
): Promise<SigningKeys> {
  const readPrivateKey = createPrivateKeyReader();
  if ((await store.listSigningKeys()).length === 0) {
    await store.addFirstSigningKey(await toSigningKey(await generateSigningKey(), clock(), clock()));
  }
  return {
    areExternal: false,
    async sign(claims) {
      const { kid, privateKey } = selectActiveKey(await store.listSigningKeys(), clock());
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .sign(readPrivateKey(kid, privateKey));
    },
    async published() {
      const all = await store.listSigningKeys();
      const now = publicationTime(all, clock());
      const keys = all.filter((key) => isPublished(key, now));
      return {
        keys: keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: 'RS256', use: 'sig' })),
      };
    },
    async rotate({ activateAfterSeconds, overlapSeconds, ifNewestKid }, origin) {
      const now = clock();
      const activeFrom = now + activateAfterSeconds * 1000;
      const key = await toSigningKey(await generateSigningKey(), now, activeFrom);
      return store.rotateSigningKey(key, activeFrom + overlapSeconds * 1000, origin, ifNewestKid);
    },
  };
}

/**
 * The time to judge publication by: not before the newest key was created. Otherwise, a clock that is set back would publish
 * the keys again that a rotation has ended.
 */
export function publicationTime(keys: readonly StoredSigningKey[], now: number): number {
  return Math.max(now, keys.at(-1)?.createdAt ?? now);
}

/** Whether the JWKS lists the key at this moment. */
export function isPublished({ publishedUntil }: StoredSigningKey, now: number): boolean {
  return publishedUntil === null || now < publishedUntil;
}

/**
 * Selects the newest key that signs already; of two with the same time, the later one in the list. The first key signs
 * even before its time: a process whose clock is slightly behind must not wait for it.
 */
function selectActiveKey(keys: readonly StoredSigningKey[], now: number): StoredSigningKey {
  const published = keys.filter((key) => isPublished(key, publicationTime(keys, now)));
  const [active = published[0]] = published
    .filter(({ activeFrom }) => activeFrom <= now)
    .toReversed()
    .sort((one, other) => other.activeFrom - one.activeFrom);
  if (active === undefined) {
    throw authorityError('store_unavailable', 'The store has no signing key.', { retryable: true });
  }
  return active;
}

async function generateRsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

async function toSigningKey(
  privateKey: string,
  createdAt: number,
  activeFrom: number,
): Promise<StoredSigningKey> {
  const publicKey = readPublicKey(privateKey);
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const publicJwk = { kty: 'RSA', n, e } as const;
  const kid = await calculateJwkThumbprint(publicJwk);
  return { kid, publicJwk, privateKey, createdAt, activeFrom, publishedUntil: null };
}

function readPublicKey(privateKey: string): KeyObject {
  const expected = 'generateSigningKey: expected a PKCS#8 PEM of an RSA key with 2048 bits or more';
  let key: KeyObject;
  try {
    key = createPublicKey(privateKey);
  } catch {
    // The parser's own message might quote the key.
    throw authorityError('invalid_argument', expected);
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw authorityError('invalid_argument', expected);
  }
  return key;
}

/** Caches the latest key, because parsing a PEM costs more than signing. A `kid` always means the same key. */
function createPrivateKeyReader(): (kid: string, privateKey: string) => KeyObject {
  let latest: { readonly kid: string; readonly key: KeyObject } | undefined;
  return (kid, privateKey) => {
    if (latest?.kid !== kid) latest = { kid, key: createPrivateKey(privateKey) };
    return latest.key;
  };
}
