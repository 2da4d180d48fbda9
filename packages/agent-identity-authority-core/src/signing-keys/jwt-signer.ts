import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  requireObject,
  requireSeconds,
} from 'agent-identity-core/http';
import { calculateJwkThumbprint } from 'jose';
import { authorityError } from '../errors.js';

/** The public half of an RS256 key that lives outside of the authority. Nothing in it is secret. */
export interface JwtSigningKey {
  /** The `kid` of its JWTs and in the JWKS. Default: the RFC 7638 thumbprint. */
  readonly kid?: string | undefined;
  /** An RSA key with 2048 bits or more (RFC 7518 section 6.3.1). A key of a JWKS will do. */
  readonly publicJwk: { readonly kty: 'RSA'; readonly n: string; readonly e: string };
}

/** An RS256 key that lives outside of the authority and signs Agent Identity JWTs: in a key management service, or another process. */
export interface JwtSigner extends JwtSigningKey {
  /**
   * Returns the RS256 signature of the input: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3). The authority checks it before it
   * hands out the JWT. The signal aborts when the time is up.
   *
   * @param signingInput **Secret.** It contains the private key of the agent. Hash it here, and send only its SHA-256 digest to a service.
   */
  sign(signingInput: Uint8Array, effects: { readonly signal: AbortSignal }): Promise<Uint8Array>;
  /** Limit of one signature, in seconds, up to 60. Default: 10. */
  readonly timeoutSeconds?: number | undefined;
}

/** The signer of new JWTs, and behind it further keys to publish: those of the past, and the next one. */
export type JwtSigners = readonly [JwtSigner, ...(readonly JwtSigningKey[])];

/** A key of {@link JwtSigners}, checked. */
export interface ExternalKey {
  readonly kid: string;
  readonly publicJwk: { readonly kty: 'RSA'; readonly n: string; readonly e: string };
  readonly publicKey: KeyObject;
}

/**
 * Requires signers of which the first can sign, and keys without private members.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireJwtSigners(jwtSigners: JwtSigners): void {
  if (!Array.isArray(jwtSigners) || jwtSigners.length === 0) {
    throw invalidArgument('jwtSigners', 'a list of at least one JwtSigner', jwtSigners);
  }
  const [{ timeoutSeconds = 10 }] = jwtSigners;
  requireMethods(jwtSigners[0], ['sign'], 'jwtSigners[0]', 'a JwtSigner');
  requireSeconds(timeoutSeconds, 'jwtSigners[0].timeoutSeconds', { min: 0.001, max: 60 });
  for (const [index, key] of jwtSigners.entries()) {
    requireObject(key, `jwtSigners[${index}]`);
    readPublicKey(key, `jwtSigners[${index}]`);
  }
}

/**
 * Reads the keys of signers, in their order.
 *
 * @throws AgentIdentityError `invalid_argument`, also for a key or a `kid` that is given twice
 */
export async function readExternalKeys(
  jwtSigners: JwtSigners,
): Promise<readonly [ExternalKey, ...ExternalKey[]]> {
  const [first, ...others] = await Promise.all(
    jwtSigners.map(async (key, index) => {
      const publicKey = readPublicKey(key, `jwtSigners[${index}]`);
      const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
      const publicJwk = { kty: 'RSA', n, e } as const;
      return { kid: key.kid ?? (await calculateJwkThumbprint(publicJwk)), publicJwk, publicKey };
    }),
  );
  if (first === undefined)
    throw invalidArgument('jwtSigners', 'a list of at least one JwtSigner', jwtSigners);
  const all = [first, ...others];
  if (hasRepetition(all.map(({ kid }) => kid)) || hasRepetition(all.map(({ publicJwk }) => publicJwk.n))) {
    throw authorityError('invalid_argument', 'jwtSigners: expected each key and each kid once');
  }
  return [first, ...others];
}

function hasRepetition(values: readonly string[]): boolean {
  return new Set(values).size < values.length;
}

/** What the key of a JWKS may have besides. Private members are refused by their name. */
const jwkMembers = ['kty', 'n', 'e', 'kid', 'alg', 'use', 'key_ops', 'ext', 'x5c', 'x5t', 'x5t#S256', 'x5u'];

function readPublicKey({ kid, publicJwk }: JwtSigningKey, name: string): KeyObject {
  if (kid !== undefined && !(typeof kid === 'string' && /^[\x21-\x7e]{1,256}$/.test(kid))) {
    throw invalidArgument(`${name}.kid`, 'up to 256 visible ASCII characters', kid);
  }
  requireKnownOptions(publicJwk, jwkMembers, `${name}.publicJwk`);
  const { kty, n, e } = publicJwk;
  const key = kty === 'RSA' ? importJwk({ kty, n, e }) : undefined;
  const { modulusLength = 0, publicExponent = 0n } = key?.asymmetricKeyDetails ?? {};
  // Everybody can sign for the exponent 1.
  if (key !== undefined && modulusLength >= 2048 && publicExponent >= 3n) return key;
  throw authorityError(
    'invalid_argument',
    `${name}.publicJwk: expected the public JWK of an RSA key with 2048 bits or more`,
  );
}

function importJwk(key: JwtSigningKey['publicJwk']): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}
