import type { Clock } from 'agent-identity-core';
import {
  type HttpEffects,
  invalidArgument,
  requireKnownOptions,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { requireWholeSeconds } from '../require-whole-seconds.js';
import type { Authenticator } from './authenticator.js';
import { createOidcKeyFinder } from './oidc-keys.js';
import type { TokenClaims } from './token-claims.js';

/** Options for `oidcTokens`. */
export interface OidcTokensOptions<Subject> extends SecureUrlOptions {
  /** The exact `iss` of the tokens; its configuration is discovered unless `jwksUrl` is given. */
  readonly issuer: string;
  /** The accepted `aud` of the tokens: one of these. */
  readonly audience: string | readonly string[];
  /** The URL of the issuer's keys. Default: discovered (OpenID Connect Discovery 1.0 section 4). */
  readonly jwksUrl?: string | undefined;
  /** Asymmetric JWS algorithms. Default: `RS256`, `PS256`, `ES256`, `EdDSA`. */
  readonly algorithms?: readonly string[] | undefined;
  /** Maps verified claims to a subject; `undefined` refuses. See `accountFromClaims` and `principalFromClaims`. */
  readonly subjectOf: (claims: TokenClaims) => Subject | undefined;
  /** The leeway for `exp` and `nbf`, 0 to 600. Default: 30. */
  readonly leewaySeconds?: number | undefined;
  /** The limit for each request to the issuer, including its body, 1 to 60. Default: 5. */
  readonly timeoutSeconds?: number | undefined;
}

/** Overrides for ambient dependencies of `oidcTokens`. */
export type OidcTokensEffects = Pick<HttpEffects, 'fetch' | 'clock'>;

const optionNames = [
  'issuer',
  'audience',
  'jwksUrl',
  'algorithms',
  'subjectOf',
  'leewaySeconds',
  'timeoutSeconds',
  'allowPlainHttpHosts',
] as const satisfies readonly (keyof OidcTokensOptions<unknown>)[];

/**
 * Accepts the access tokens of an OpenID provider: JWTs with a valid signature, issuer, audience, `exp` and `nbf` (RFC 9068
 * section 4). It fetches the provider's keys when needed, and caches them for ten minutes. If the provider does not answer,
 * or answers nonsense, `authenticate` rejects, which is a 503; only the token itself causes a 401.
 *
 * @throws AgentIdentityError `invalid_argument`, `insecure_url`
 * @example
 * ```ts
 * import { accountFromClaims, oidcTokens } from 'agent-identity-authority-core';
 *
 * const authenticator = oidcTokens({
 *   issuer: 'https://login.example.com',
 *   audience: 'agents',
 *   subjectOf: accountFromClaims({ accountId: 'org_id' }),
 * });
 * ```
 */
export function oidcTokens<Subject>(
  options: OidcTokensOptions<Subject>,
  effects: OidcTokensEffects = {},
): Authenticator<Subject> {
  requireKnownOptions(options, optionNames, 'options');
  requireKnownOptions(effects, ['fetch', 'clock'], 'effects');
  const { fetch, clock } = resolveEffects(effects);
  const { subjectOf, algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'], ...rest } = options;
  requireOptions(options, algorithms);
  const { leewaySeconds = 30, timeoutSeconds = 5 } = rest;
  requireWholeSeconds(leewaySeconds, 'leewaySeconds', { min: 0, max: 600 });
  requireWholeSeconds(timeoutSeconds, 'timeoutSeconds', { min: 1, max: 60 });
  const findKey = createOidcKeyFinder({ ...rest, timeoutSeconds }, fetch);
  const expected = {
    issuer: options.issuer,
    audience: [options.audience].flat(),
    algorithms: [...algorithms],
    clockTolerance: leewaySeconds,
  };
  return {
    async authenticate(accessToken) {
      const claims = await verifyClaims(accessToken, findKey, expected, clock);
      return claims && subjectOf(claims);
    },
  };
}

/** The errors of jose that the token causes, and not the provider. */
const refusalCodes: ReadonlySet<string> = new Set([
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

async function verifyClaims(
  accessToken: string,
  findKey: JWTVerifyGetKey,
  expected: { issuer: string; audience: string[]; algorithms: string[]; clockTolerance: number },
  clock: Clock,
): Promise<TokenClaims | undefined> {
  try {
    const options = { ...expected, requiredClaims: ['exp'], currentDate: new Date(clock()) };
    return (await jwtVerify(accessToken, findKey, options)).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError && refusalCodes.has(error.code)) return undefined;
    throw error;
  }
}

const asymmetricAlgorithm = /^(?:[RPE]S(?:256|384|512)|EdDSA|Ed25519)$/;

function requireOptions<Subject>(
  { issuer, audience, subjectOf }: OidcTokensOptions<Subject>,
  algorithms: readonly string[],
): void {
  const audiences: readonly unknown[] = [audience].flat();
  if (typeof issuer !== 'string' || issuer === '') throw invalidArgument('issuer', 'a URL', issuer);
  if (audiences.length === 0 || audiences.some((one) => typeof one !== 'string' || one === '')) {
    throw invalidArgument('audience', 'a string or a list of strings', audience);
  }
  if (typeof subjectOf !== 'function') throw invalidArgument('subjectOf', 'a function', subjectOf);
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    !algorithms.every((alg) => asymmetricAlgorithm.test(alg))
  ) {
    throw invalidArgument('algorithms', 'a list of asymmetric JWS algorithms such as RS256', algorithms);
  }
}
