import { isAgentIdentityError } from 'agent-identity-core';
import { withoutTrailingSlashes } from 'agent-identity-core/http';
import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import { authorityError } from '../errors.js';
import type { OidcKeySet, OidcKeys } from './oidc-keys.js';
import type { TokenClaims } from './token-claims.js';

/** Why an access token was refused. Contains nothing of the token but its `iss`, its `aud`, and types of claims. */
export interface AccessTokenRefusal {
  readonly reason:
    | 'malformed'
    | 'algorithm'
    | 'key'
    | 'signature'
    | 'issuer'
    | 'audience'
    | 'expired'
    | 'not_yet_valid'
    | 'claim'
    | 'role';
  /** What was expected, and what came. */
  readonly message: string;
}

/** What an access token must satisfy. */
export interface ExpectedToken {
  /** The accepted spellings of `iss`. */
  readonly issuer: string[];
  /** `undefined` if the caller checks another claim. */
  readonly audience: string[] | undefined;
  readonly algorithms: string[];
  readonly clockTolerance: number;
}

/** JWS algorithms that providers sign access tokens with. */
export const defaultAlgorithms: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** Expects tokens of an issuer, whose `iss` ends in a slash or does not. */
export function expectToken(expected: {
  readonly issuer: string;
  readonly audience: readonly string[] | undefined;
  readonly algorithms: readonly string[];
  readonly leewaySeconds: number;
}): ExpectedToken {
  const issuer = withoutTrailingSlashes(expected.issuer);
  return {
    issuer: [expected.issuer, issuer, `${issuer}/`],
    audience: expected.audience && [...expected.audience],
    algorithms: [...expected.algorithms],
    clockTolerance: expected.leewaySeconds,
  };
}

/**
 * Verifies an access token with the keys of its provider. If no key fits, it fetches the keys once more, because the
 * provider may have published the key just now.
 *
 * @returns the claims
 * @throws the errors of jose; see `toRefusal` for those that the token causes
 */
export async function verifyOidcToken(
  accessToken: string,
  keys: OidcKeys,
  expected: ExpectedToken,
  now: number,
): Promise<TokenClaims> {
  const { audience, ...rest } = expected;
  const options = {
    ...rest,
    ...(audience !== undefined && { audience }),
    requiredClaims: ['exp'],
    currentDate: new Date(now),
  };
  let keySet: OidcKeySet | undefined;
  try {
    return await verifyWithKeySet(accessToken, options, async () => {
      keySet = await keys.current();
      return keySet;
    });
  } catch (error) {
    if (keySet === undefined || !isKeyMismatch(error)) throw error;
    const newer = await keys.newerThan(keySet);
    if (newer === undefined) throw error;
    return verifyWithKeySet(accessToken, options, async () => newer);
  }
}

/** Verifies with the keys of a set that fit the header: several if it has no `kid`, or if the set lists a key twice. */
async function verifyWithKeySet(
  accessToken: string,
  options: JWTVerifyOptions,
  readKeySet: () => Promise<OidcKeySet>,
): Promise<TokenClaims> {
  const getKey: JWTVerifyGetKey = async (header, token) => (await readKeySet())(header, token);
  try {
    return payloadOf(await jwtVerify(accessToken, getKey, options));
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return payloadOf(await jwtVerify(accessToken, key, options));
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** The types of access tokens (RFC 9068 section 2.1), and of other tokens of workloads: a JWT-SVID may have the type JOSE. */
const tokenTypes: readonly string[] = ['at+jwt', 'jwt', 'jose'];

/** Refuses JWTs that are made for something else, such as a logout token, which is signed with the same keys. */
function payloadOf({ payload, protectedHeader: { typ } }: JWTVerifyResult): TokenClaims {
  const type =
    typ === undefined
      ? undefined
      : String(typ)
          .toLowerCase()
          .replace(/^application\//, '');
  if (type === undefined || tokenTypes.includes(type)) return payload;
  throw authorityError('invalid_access_token', 'typ: expected at+jwt or JWT, got another type');
}

function isKeyMismatch(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
}

/** Describes an error that the token causes; `undefined` for a failure of the provider. */
export function toRefusal(error: unknown, expected: ExpectedToken): AccessTokenRefusal | undefined {
  if (isAgentIdentityError(error, 'invalid_access_token')) return { reason: 'claim', message: error.message };
  if (isAgentIdentityError(error, 'insufficient_scope')) return { reason: 'role', message: error.message };
  if (error instanceof errors.JWTExpired) return { reason: 'expired', message: 'exp is in the past' };
  if (error instanceof errors.JWTClaimValidationFailed) return toClaimRefusal(error, expected);
  if (!(error instanceof errors.JOSEError)) return undefined;
  return refusals[error.code];
}

const malformed = { reason: 'malformed', message: 'the token is not a signed JWT' } as const;

const refusals: Readonly<Record<string, AccessTokenRefusal>> = {
  [errors.JOSEAlgNotAllowed.code]: {
    reason: 'algorithm',
    message: 'the algorithm of the token is not one of those accepted',
  },
  [errors.JWKSNoMatchingKey.code]: {
    reason: 'key',
    message: 'the issuer publishes no key with the kid and the algorithm of the token',
  },
  [errors.JWSSignatureVerificationFailed.code]: {
    reason: 'signature',
    message: 'no key of the issuer verifies the signature',
  },
  [errors.JOSENotSupported.code]: malformed,
  [errors.JWSInvalid.code]: malformed,
  [errors.JWTInvalid.code]: malformed,
};

/** The signature is verified by then, so `iss` and `aud` are what the provider wrote. */
function toClaimRefusal(
  { claim, reason, payload }: errors.JWTClaimValidationFailed,
  { issuer, audience }: ExpectedToken,
): AccessTokenRefusal {
  const got = quote(payload[claim]);
  switch (claim) {
    case 'iss':
      return { reason: 'issuer', message: `iss: expected ${quote(issuer[0])}, got ${got}` };
    case 'aud':
      return { reason: 'audience', message: `aud: expected one of ${quote(audience)}, got ${got}` };
    case 'nbf':
      if (reason === 'check_failed') return { reason: 'not_yet_valid', message: 'nbf is in the future' };
  }
  return {
    reason: 'claim',
    message: `${claim}: ${reason === 'missing' ? 'expected a value, got nothing' : 'not valid'}`,
  };
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200);
}
