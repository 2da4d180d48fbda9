import {
  type HttpEffects,
  ignoringErrors,
  invalidArgument,
  requireKnownOptions,
  resolveEffects,
  type SecureUrlOptions,
  withoutTrailingSlashes,
} from 'agent-identity-core/http';
import { authorityError } from '../../errors.js';
import { requireWholeSeconds } from '../../require-whole-seconds.js';
import type { Authenticator } from '../authenticator.js';
import { createOidcKeys, type OidcKeys } from '../oidc-keys.js';
import type { AccessTokenRefusal } from '../verify-oidc-token.js';
import { decide, type FederationDecision, type RuleOutcome } from './decide.js';
import {
  type FederationRule,
  type OpenKeys,
  type ParsedRule,
  parseFederationRule,
} from './federation-rule.js';

/** Options for `federation`. */
export interface FederationOptions extends SecureUrlOptions {
  /** The first rule that a token fits decides. */
  readonly rules: readonly FederationRule[];
  /** The leeway for `exp` and `nbf`, 0 to 600. Default: 30. */
  readonly leewaySeconds?: number | undefined;
  /** The limit for each request to an issuer, including its body, 1 to 60. Default: 5. */
  readonly timeoutSeconds?: number | undefined;
  /** Receives why a token was refused; callers only learn that it was. Default: ignored. */
  readonly onRefusal?: ((refusal: AccessTokenRefusal) => void) | undefined;
}

/** An authenticator that can explain its decisions. */
export interface Federation extends Authenticator {
  /**
   * Decides on a token without accepting it.
   *
   * @param accessToken **Secret.**
   * @throws if an issuer does not answer
   */
  explain(accessToken: string): Promise<FederationDecision>;
}

/** Overrides for ambient dependencies of `federation`. */
export type FederationEffects = Pick<HttpEffects, 'fetch' | 'clock' | 'monotonicClock'>;

/**
 * Accepts tokens of any number of OpenID issuers by rules: conditions on the claims, and the account that the agents belong to.
 * A token of an unknown issuer, or one that is not valid, is refused with 401; a valid one that fits no rule with 403. An issuer
 * that does not answer is a 503.
 *
 * @throws AgentIdentityError `invalid_argument`, `insecure_url`
 * @example
 * ```ts
 * import { federation } from 'agent-identity-authority-core';
 *
 * const authenticator = federation({
 *   rules: [
 *     {
 *       name: 'deployments',
 *       issuer: 'https://token.actions.githubusercontent.com',
 *       audience: 'https://agents.example.com',
 *       conditions: [
 *         { claim: 'repository_owner', equals: 'example-org' },
 *         { claim: 'ref', equals: 'refs/heads/main' },
 *       ],
 *       accountId: 'example-org',
 *       chatgptUserIdClaim: 'repository',
 *     },
 *   ],
 * });
 * ```
 */
export function federation(options: FederationOptions, effects: FederationEffects = {}): Federation {
  const names = ['rules', 'leewaySeconds', 'timeoutSeconds', 'onRefusal', 'allowPlainHttpHosts'];
  requireKnownOptions(options, names, 'options');
  requireKnownOptions(effects, ['fetch', 'clock', 'monotonicClock'], 'effects');
  const { clock, ...keyEffects } = resolveEffects(effects);
  const { leewaySeconds = 30, timeoutSeconds = 5, allowPlainHttpHosts, onRefusal = () => {} } = options;
  requireWholeSeconds(leewaySeconds, 'leewaySeconds', { min: 0, max: 600 });
  requireWholeSeconds(timeoutSeconds, 'timeoutSeconds', { min: 1, max: 60 });
  if (typeof onRefusal !== 'function') throw invalidArgument('onRefusal', 'a function', onRefusal);
  const urlOptions = { timeoutSeconds, allowPlainHttpHosts };
  const opened = new Map<string, OidcKeys>();
  const rules = parseRules(options.rules, (issuer, jwksUrl) => {
    const id = jwksUrl ?? withoutTrailingSlashes(issuer);
    const keys = opened.get(id) ?? createOidcKeys({ issuer, jwksUrl, ...urlOptions }, keyEffects);
    opened.set(id, keys);
    return keys;
  });
  const explain = (accessToken: string) => decide(accessToken, rules, { leewaySeconds, now: clock() });
  return {
    explain,
    async authenticate(accessToken) {
      const { outcomes, account } = await explain(accessToken);
      if (account !== undefined) return account;
      const refusal = summarize(outcomes);
      ignoringErrors(() => onRefusal(refusal));
      if (refusal.reason !== 'role') return undefined;
      throw authorityError('insufficient_scope', refusal.message);
    },
  };
}

function parseRules(rules: readonly FederationRule[], openKeys: OpenKeys): readonly ParsedRule[] {
  if (!Array.isArray(rules) || rules.length === 0) throw invalidArgument('rules', 'a list of rules', rules);
  const parsed = rules.map((rule, index) => parseFederationRule(rule, index, openKeys));
  if (new Set(parsed.map(({ name }) => name)).size < parsed.length) {
    throw authorityError('invalid_argument', 'rules: expected each name only once');
  }
  return parsed;
}

/** One refusal for the log: a valid token that fits no rule, else the first reason. */
function summarize(outcomes: readonly RuleOutcome[]): AccessTokenRefusal {
  const [first] = outcomes;
  if (first === undefined) {
    return { reason: 'issuer', message: 'no rule is for the issuer of the token, or it is no JWT' };
  }
  const reasons = outcomes.map(({ rule, refusal }) => `${rule}: ${refusal?.message}`).join('; ');
  const isValid = outcomes.some(({ refusal }) => refusal?.reason === 'role');
  return { reason: isValid ? 'role' : (first.refusal?.reason ?? 'claim'), message: reasons };
}
