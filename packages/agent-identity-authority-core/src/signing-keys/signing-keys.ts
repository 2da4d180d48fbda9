import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from 'agent-identity-core';
import { calculateJwkThumbprint } from 'jose';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import { authorityError } from '../errors.js';
import type { AuthorityStore } from '../store/authority-store.js';
import type { StoredSigningKey } from './signing-key-store.js';

/** The public signing keys, as verifiers fetch them (RFC 7517 section 5). Nothing in it is secret. */
export interface PublicJwks {
  readonly keys: readonly PublicSigningJwk[];
}

/** The public half of an RS256 signing key, as the JWKS shows it (RFC 7517, docs/protocol.md section 7). */
export interface PublicSigningJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
}

/** How one signing key gives way to the next. */
export interface SigningKeyRotation {
  /** How long the new key is published before it signs, so that it is in every cache by then; 0 by default. */
  readonly activateAfterSeconds?: number | undefined;
  /**
   * How long the old keys stay published after that; by default as long as a JWT signed by them can be valid. 0 is for
   * a key that is known to others: what it signed is refused as soon as caches of the JWKS run out.
   */
  readonly overlapSeconds?: number | undefined;
}

/** Makes the private half of a signing key: a PKCS#8 PEM of an RSA key of 2048 bits or more. **Secret.** */
export type GenerateSigningKey = () => Promise<string>;

/** The keys that sign Agent Identity JWTs, read from the store each time. */
export interface SigningKeys {
  /** The key that signs now. `privateKey` is a secret. */
  current(): Promise<{ readonly kid: string; readonly privateKey: KeyObject }>;
  published(): Promise<PublicJwks>;
  /** The `kid` of the new key. */
  rotate(
    rotation: { readonly activateAfterSeconds: number; readonly overlapSeconds: number },
    origin?: ChangeOrigin,
  ): Promise<string>;
}

/**
 * Opens the signing keys of a store, and makes the first one if there is none.
 *
 * @throws AgentIdentityError `store_unavailable`, `invalid_argument` for a key that is not RSA or too short
 */
export async function openSigningKeys(
  store: AuthorityStore,
  {
    generateSigningKey = generateRsaKey,
    clock,
  }: { readonly generateSigningKey?: GenerateSigningKey | undefined; readonly clock: Clock },
): Promise<SigningKeys> {
  const readPrivateKey = signingKeyReader();
  if ((await store.listSigningKeys()).length === 0) {
    await store.addFirstSigningKey(await signingKey(await generateSigningKey(), clock(), clock()));
  }
  return {
    async current() {
      const { kid, privateKey } = activeKey(await store.listSigningKeys(), clock());
      return { kid, privateKey: readPrivateKey(kid, privateKey) };
    },
    async published() {
      const now = clock();
      const keys = (await store.listSigningKeys()).filter((key) => isPublished(key, now));
      return {
        keys: keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: 'RS256', use: 'sig' })),
      };
    },
    async rotate({ activateAfterSeconds, overlapSeconds }, origin) {
      const now = clock();
      const activeFrom = now + activateAfterSeconds * 1000;
      const key = await signingKey(await generateSigningKey(), now, activeFrom);
      await store.rotateSigningKey(key, activeFrom + overlapSeconds * 1000, origin);
      return key.kid;
    },
  };
}

/**
 * The newest of those that sign already, the later in the list where two began at once. The first key signs even
 * before its time: a process whose clock is a little behind that of its maker must not wait for it.
 */
function activeKey(keys: readonly StoredSigningKey[], now: number): StoredSigningKey {
  const published = keys.filter((key) => isPublished(key, now));
  const [active = published[0]] = published
    .filter(({ activeFrom }) => activeFrom <= now)
    .toReversed()
    .sort((one, other) => other.activeFrom - one.activeFrom);
  if (active === undefined) {
    throw authorityError('store_unavailable', 'the store has no signing key', { retryable: true });
  }
  return active;
}

function isPublished({ publishedUntil }: StoredSigningKey, now: number): boolean {
  return publishedUntil === null || now < publishedUntil;
}

async function generateRsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

async function signingKey(
  privateKey: string,
  createdAt: number,
  activeFrom: number,
): Promise<StoredSigningKey> {
  const publicKey = publicHalf(privateKey);
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const publicJwk = { kty: 'RSA', n, e } as const;
  const kid = await calculateJwkThumbprint(publicJwk);
  return { kid, publicJwk, privateKey, createdAt, activeFrom, publishedUntil: null };
}

function publicHalf(privateKey: string): KeyObject {
  const expected = 'generateSigningKey: expected a PKCS#8 PEM of an RSA key of 2048 bits or more';
  let key: KeyObject;
  try {
    key = createPublicKey(privateKey);
  } catch {
    // The parser's own message is not worth the risk of quoting the key.
    throw authorityError('invalid_argument', expected);
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw authorityError('invalid_argument', expected);
  }
  return key;
}

/** Reading a PEM costs more than signing needs; a `kid` stands for one key for ever. */
function signingKeyReader(): (kid: string, privateKey: string) => KeyObject {
  let latest: { readonly kid: string; readonly key: KeyObject } | undefined;
  return (kid, privateKey) => {
    if (latest?.kid !== kid) latest = { kid, key: createPrivateKey(privateKey) };
    return latest.key;
  };
}
