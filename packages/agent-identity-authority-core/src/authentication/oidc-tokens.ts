import { isAgentIdentityError } from 'agent-identity-core';
import {
  type HttpEffects,
  ignoringErrors,
  invalidArgument,
  requireKnownOptions,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import { authorityError } from '../errors.js';
import { requireWholeSeconds } from '../require-whole-seconds.js';
import type { Authenticator } from './authenticator.js';
import { createOidcKeys } from './oidc-keys.js';
import type { TokenClaims } from './token-claims.js';
import {
  type AccessTokenRefusal,
  defaultAlgorithms,
  expectToken,
  toRefusal,
  verifyOidcToken,
} from './verify-oidc-token.js';

/** Options for `oidcTokens`. */
export interface OidcTokensOptions<Subject> extends SecureUrlOptions {
  /** The `iss` of the tokens, with or without a final slash; its configuration is discovered unless `jwksUrl` is given. */
  readonly issuer: string;
  /** The accepted `aud` of the tokens: one of these. */
  readonly audience: string | readonly string[];
  /** The URL of the issuer's keys. Default: discovered (OpenID Connect Discovery 1.0 section 4). */
  readonly jwksUrl?: string | undefined;
  /** Asymmetric JWS algorithms. Default: `RS256`, `PS256`, `ES256`, `EdDSA`. */
  readonly algorithms?: readonly string[] | undefined;
  /**
   * Maps verified claims to a subject; see `accountFromClaims` and `principalFromClaims`. To refuse, return `undefined` or
   * throw an `AgentIdentityError`: `invalid_access_token` (401) or `insufficient_scope` (403), with a message for `onRefusal`.
   */
  readonly subjectOf: (claims: TokenClaims) => Subject | undefined;
  /** The leeway for `exp` and `nbf`, 0 to 600. Default: 30. */
  readonly leewaySeconds?: number | undefined;
  /** The limit for each request to the issuer, including its body, 1 to 60. Default: 5. */
  readonly timeoutSeconds?: number | undefined;
  /** Receives why a token was refused; callers only learn that it was. Default: ignored. */
  readonly onRefusal?: ((refusal: AccessTokenRefusal) => void) | undefined;
}

/** Overrides for ambient dependencies of `oidcTokens`. */
export type OidcTokensEffects = Pick<HttpEffects, 'fetch' | 'clock' | 'monotonicClock'>;

const optionNames = [
  'issuer',
  'audience',
  'jwksUrl',
  'algorithms',
  'subjectOf',
  'leewaySeconds',
  'timeoutSeconds',
  'onRefusal',
  'allowPlainHttpHosts',
] as const satisfies readonly (keyof OidcTokensOptions<unknown>)[];

/**
 * Accepts the access tokens of an OpenID provider: JWTs with a valid signature, issuer, audience, `exp` and `nbf` (RFC 9068
 * section 4). It fetches the provider's keys when needed, caches them for ten minutes, and fetches them again if no key fits,
 * at most every ten seconds. If the provider does not answer, or answers nonsense, `authenticate` rejects, which is a 503;
 * only the token itself causes a 401, or a 403 if it is valid without the required role.
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
  requireKnownOptions(effects, ['fetch', 'clock', 'monotonicClock'], 'effects');
  const { fetch, clock, monotonicClock } = resolveEffects(effects);
  const { subjectOf, algorithms = defaultAlgorithms, ...rest } = options;
  requireOidcOptions({ ...options, algorithms });
  requireFunctions(options);
  const { leewaySeconds = 30, timeoutSeconds = 5, onRefusal = () => {} } = rest;
  requireWholeSeconds(leewaySeconds, 'leewaySeconds', { min: 0, max: 600 });
  requireWholeSeconds(timeoutSeconds, 'timeoutSeconds', { min: 1, max: 60 });
  const keys = createOidcKeys({ ...rest, timeoutSeconds }, { fetch, monotonicClock });
  const { issuer, audience } = options;
  const expected = expectToken({ issuer, audience: [audience].flat(), algorithms, leewaySeconds });
  return {
    async authenticate(accessToken) {
      try {
        const subject = subjectOf(await verifyOidcToken(accessToken, keys, expected, clock()));
        if (subject === undefined) throw authorityError('invalid_access_token', 'the claims were refused');
        return subject;
      } catch (error) {
        const refusal = toRefusal(error, expected);
        if (refusal === undefined) throw error;
        ignoringErrors(() => onRefusal(refusal));
        if (isAgentIdentityError(error, 'insufficient_scope')) throw error;
        return undefined;
      }
    },
  };
}

const asymmetricAlgorithm = /^(?:[RPE]S(?:256|384|512)|EdDSA|Ed25519)$/;

/** @throws AgentIdentityError `invalid_argument` */
export function requireOidcOptions({
  issuer,
  audience,
  algorithms,
}: Pick<OidcTokensOptions<unknown>, 'issuer' | 'audience' | 'algorithms'>): void {
  const audiences: readonly unknown[] = [audience].flat();
  if (typeof issuer !== 'string' || issuer === '') throw invalidArgument('issuer', 'a URL', issuer);
  if (audiences.length === 0 || audiences.some((one) => typeof one !== 'string' || one === '')) {
    throw invalidArgument('audience', 'a string or a list of strings', audience);
  }
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    !algorithms.every((alg) => asymmetricAlgorithm.test(alg))
  ) {
    throw invalidArgument('algorithms', 'a list of asymmetric JWS algorithms such as RS256', algorithms);
  }
}

function requireFunctions<Subject>({ subjectOf, onRefusal }: OidcTokensOptions<Subject>): void {
  if (typeof subjectOf !== 'function') throw invalidArgument('subjectOf', 'a function', subjectOf);
  if (onRefusal !== undefined && typeof onRefusal !== 'function') {
    throw invalidArgument('onRefusal', 'a function', onRefusal);
  }
}
