import { withoutTrailingSlashes } from 'agent-identity-core/http';
import { decodeJwt } from 'jose';
import type { AgentAccount } from '../agent-account.js';
import type { TokenClaims } from '../token-claims.js';
import { type AccessTokenRefusal, expectToken, toRefusal, verifyOidcToken } from '../verify-oidc-token.js';
import type { ParsedRule } from './federation-rule.js';

/** What a rule said to a token. Contains nothing of the token but what `AccessTokenRefusal` does. */
export interface RuleOutcome {
  readonly rule: string;
  /** `undefined` if the token fits. */
  readonly refusal: AccessTokenRefusal | undefined;
}

/** Why a token is accepted or refused. */
export interface FederationDecision {
  /** In the order of the rules, up to the one that decided. Rules for other issuers are left out. */
  readonly outcomes: readonly RuleOutcome[];
  /** The account that the deciding rule gives; `undefined` if the token is refused. */
  readonly account: AgentAccount | undefined;
}

/** When a token is judged. */
export interface Moment {
  readonly leewaySeconds: number;
  readonly now: number;
}

/** Asks one rule after the other until one decides. Rejects if an issuer does not answer. */
export async function decide(
  accessToken: string,
  rules: readonly ParsedRule[],
  moment: Moment,
): Promise<FederationDecision> {
  const issuer = readIssuer(accessToken);
  const outcomes: RuleOutcome[] = [];
  for (const rule of rules) {
    if (issuer === undefined || withoutTrailingSlashes(rule.issuer) !== issuer) continue;
    const { refusal, account, decides } = await askRule(accessToken, rule, moment);
    outcomes.push({ rule: rule.name, refusal });
    if (decides) return { outcomes, account };
  }
  return { outcomes, account: undefined };
}

/** Only selects the rules: they verify it. */
function readIssuer(accessToken: string): string | undefined {
  try {
    const { iss } = decodeJwt(accessToken);
    return typeof iss === 'string' ? withoutTrailingSlashes(iss) : undefined;
  } catch {
    return undefined;
  }
}

interface Answer {
  /** Whether the token fits the rule, with or without an account in it. */
  readonly decides: boolean;
  readonly refusal: AccessTokenRefusal | undefined;
  readonly account?: AgentAccount;
}

async function askRule(
  accessToken: string,
  rule: ParsedRule,
  { leewaySeconds, now }: Moment,
): Promise<Answer> {
  const { audience, audienceClaim } = rule;
  const expected = expectToken({ ...rule, leewaySeconds });
  let decides = false;
  try {
    const checked = audienceClaim === 'aud' ? expected : { ...expected, audience: undefined };
    const claims = await verifyOidcToken(accessToken, rule.keys, checked, now);
    const refusal = checkAudience(claims, rule) ?? checkConditions(claims, rule);
    decides = refusal === undefined;
    return decides ? { decides, refusal, account: rule.accountOf(claims) } : { decides, refusal };
  } catch (error) {
    const refusal = toRefusal(error, { ...expected, audience: [...audience] });
    if (refusal === undefined) throw error;
    return { decides, refusal };
  }
}

function checkAudience(
  claims: TokenClaims,
  { audienceClaim, audience }: ParsedRule,
): AccessTokenRefusal | undefined {
  const given = claims[audienceClaim];
  if (audienceClaim === 'aud' || (typeof given === 'string' && audience.includes(given))) return undefined;
  return { reason: 'audience', message: `${audienceClaim}: expected one of ${JSON.stringify(audience)}` };
}

function checkConditions(claims: TokenClaims, { conditions }: ParsedRule): AccessTokenRefusal | undefined {
  for (const { explain } of conditions) {
    const message = explain(claims);
    if (message !== undefined) return { reason: 'role', message };
  }
  return undefined;
}
