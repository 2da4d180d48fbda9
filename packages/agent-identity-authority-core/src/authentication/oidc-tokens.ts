import { type Clock, describeType } from 'agent-identity-core';
import type { HttpEffects, SecureUrlOptions } from 'agent-identity-core/http';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { authorityError } from '../errors.js';
import { requireSeconds } from '../require-seconds.js';
import type { Authenticator } from './authenticator.js';
import { oidcKeys } from './oidc-keys.js';
import type { TokenClaims } from './token-claims.js';

/** Whose access tokens are accepted, and what they stand for. */
export interface OidcTokensOptions<Subject> extends SecureUrlOptions {
  /** The `iss` of the tokens, byte for byte; its configuration is discovered unless `jwksUrl` is given. */
  readonly issuer: string;
  /** The `aud` of the tokens: one of these. */
  readonly audience: string | readonly string[];
  /** Where the issuer's keys are; discovered by default (OpenID Connect Discovery 1.0 section 4). */
  readonly jwksUrl?: string | undefined;
  /** Of `RS256`, `PS256`, `ES256`, `EdDSA` and their like; these four by default. Symmetric ones are refused. */
  readonly algorithms?: readonly string[] | undefined;
  /** Whom verified claims stand for; `undefined` is a refusal. See `accountFromClaims` and `principalFromClaims`. */
  readonly subjectOf: (claims: TokenClaims) => Subject | undefined;
  /** 30 by default. */
  readonly leewaySeconds?: number | undefined;
  /** Limit over each request to the issuer, its body included; 5 by default. */
  readonly timeoutSeconds?: number | undefined;
}

/** What `oidcTokens` may be given in place of the runtime's own. */
export type OidcTokensEffects = Pick<HttpEffects, 'fetch' | 'clock'>;

const asymmetric = /^(?:[RPE]S(?:256|384|512)|EdDSA|Ed25519)$/;

/**
 * Accepts the access tokens of an OpenID provider: JWTs whose signature, issuer, audience, `exp` and `nbf` hold (RFC 9068
 * section 4). The provider's keys are fetched when they are needed, and kept for ten minutes. A provider that does not
 * answer, or answers nonsense, makes `authenticate` reject, so that it is a 503; only the token itself is ever a 401.
 *
 * @throws AgentIdentityError `invalid_argument`, `insecure_url`
 */
export function oidcTokens<Subject>(
  options: OidcTokensOptions<Subject>,
  { fetch = (input, init) => globalThis.fetch(input, init), clock = Date.now }: OidcTokensEffects = {},
): Authenticator<Subject> {
  const { subjectOf, algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'], ...rest } = options;
  requireOptions(options, algorithms);
  const { leewaySeconds = 30, timeoutSeconds = 5 } = rest;
  requireSeconds(leewaySeconds, 'leewaySeconds', { min: 0, max: 600 });
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 1, max: 60 });
  const findKey = oidcKeys({ ...rest, timeoutSeconds }, fetch);
  const expected = {
    issuer: options.issuer,
    audience: [options.audience].flat(),
    algorithms: [...algorithms],
    clockTolerance: leewaySeconds,
  };
  return {
    async authenticate(accessToken) {
      const claims = await verifiedClaims(accessToken, findKey, expected, clock);
      return claims && subjectOf(claims);
    },
  };
}

/** What is wrong with the token, and not with the provider. */
const refusals: ReadonlySet<string> = new Set([
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
  errors.JWKSMultipleMatchingKeys.code,
  errors.JWKSNoMatchingKey.code,
  errors.JWSInvalid.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JWTClaimValidationFailed.code,
  errors.JWTExpired.code,
  errors.JWTInvalid.code,
]);

async function verifiedClaims(
  accessToken: string,
  findKey: JWTVerifyGetKey,
  expected: { issuer: string; audience: string[]; algorithms: string[]; clockTolerance: number },
  clock: Clock,
): Promise<TokenClaims | undefined> {
  try {
    const verifying = { ...expected, requiredClaims: ['exp'], currentDate: new Date(clock()) };
    return (await jwtVerify(accessToken, findKey, verifying)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError && refusals.has(error.code)) return undefined;
    throw error;
  }
}

function requireOptions<Subject>(
  { issuer, audience, subjectOf }: OidcTokensOptions<Subject>,
  algorithms: readonly string[],
): void {
  const audiences: readonly unknown[] = [audience].flat();
  if (typeof issuer !== 'string' || issuer === '') throw invalid('issuer', 'a URL', issuer);
  if (audiences.length === 0 || audiences.some((one) => typeof one !== 'string' || one === '')) {
    throw invalid('audience', 'a string or a list of strings', audience);
  }
  if (typeof subjectOf !== 'function') throw invalid('subjectOf', 'a function', subjectOf);
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    !algorithms.every((alg) => asymmetric.test(alg))
  ) {
    throw invalid('algorithms', 'a list of asymmetric JWS algorithms such as RS256', algorithms);
  }
}

function invalid(name: string, expected: string, value: unknown): Error {
  return authorityError('invalid_argument', `${name}: expected ${expected}, got ${describeType(value)}`);
}
