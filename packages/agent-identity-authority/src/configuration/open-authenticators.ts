import {
  type AccessTokenRefusal,
  type ActorAuthenticators,
  type Administrator,
  type Authenticator,
  federation,
  type OidcTokensEffects,
  type Principal,
  principalFromClaims,
  principalTokens,
  staticTokens,
} from 'agent-identity-authority-core';
import { isAgentIdentityError } from 'agent-identity-core';
import * as z from 'zod';
import { programError } from '../errors.js';
import type { AgentTokenSettings, Configuration, PrincipalTokenSettings } from './configuration.js';
import { openAdministrators } from './open-administrators.js';
import { openCredentials } from './open-credentials.js';
import { openFederation } from './open-federation.js';
import { readSecretFile } from './read-configuration-file.js';
import {
  type AuthenticatorEffects,
  bothGiven,
  createOidcTokens,
  missingSetting,
  readTokens,
  requireOneSource,
} from './token-sources.js';

/** The configured authenticators. */
export interface Authenticators {
  readonly authenticator: Authenticator;
  readonly actors: ActorAuthenticators;
  readonly administrators: Authenticator<Administrator> | undefined;
  readonly verifiers: Authenticator<Principal> | undefined;
}

/** Refuses every token: an authority that issues all identities as JWTs needs no access tokens of agents. */
const refuseAll: Authenticator = { authenticate: () => undefined };

/**
 * Creates the configured authenticators.
 *
 * @throws AgentIdentityError `invalid_configuration`, `invalid_argument`, `insecure_url`
 */
export async function openAuthenticators(
  { agents, platformApiKeys, personalAccessTokens, administrators, verifiers }: Configuration,
  effects: AuthenticatorEffects,
): Promise<Authenticators> {
  return {
    authenticator: (await openAccountTokens(agents, effects)) ?? refuseAll,
    actors: {
      platformApiKey: await openCredentials('platformApiKeys', platformApiKeys, effects),
      personalAccessToken: await openCredentials('personalAccessTokens', personalAccessTokens, effects),
    },
    administrators: await openAdministrators(administrators, effects),
    verifiers: await openPrincipalTokens('verifiers', verifiers, effects),
  };
}

async function openAccountTokens(
  settings: AgentTokenSettings,
  effects: AuthenticatorEffects,
): Promise<Authenticator | undefined> {
  const { tokensFile, federationFile, issuer } = settings;
  const [source, second] = Object.entries({ tokensFile, federationFile, issuer }).flatMap(([name, value]) =>
    value === undefined ? [] : [`agents.${name}`],
  );
  if (source !== undefined && second !== undefined) throw bothGiven(source, second);
  if (tokensFile !== undefined) return staticTokens(await readTokens(tokensFile, staticTokenSchema));
  const { onRefusal = () => {}, ...federationEffects } = effects;
  const onTokenRefusal = (refusal: AccessTokenRefusal) => onRefusal('agents', refusal);
  if (federationFile !== undefined) {
    return openFederation(federationFile, { onRefusal: onTokenRefusal }, federationEffects);
  }
  if (issuer === undefined) return undefined;
  return openOneIssuer({ ...settings, issuer }, onTokenRefusal, federationEffects);
}

/** One issuer is one rule without conditions. */
function openOneIssuer(
  settings: AgentTokenSettings & { readonly issuer: string },
  onRefusal: (refusal: AccessTokenRefusal) => void,
  effects: OidcTokensEffects,
): Authenticator {
  const { tokensFile: _tokens, federationFile: _rules, audience, ...rule } = settings;
  if (rule.accountIdClaim === undefined) throw missingSetting('agents.accountIdClaim', 'agents.issuer');
  if (audience === undefined) throw missingSetting('agents.audience', 'agents.issuer');
  try {
    return federation({ rules: [{ name: 'agents.issuer', audience, ...rule }], onRefusal }, effects);
  } catch (error) {
    if (!isAgentIdentityError(error, 'invalid_argument')) throw error;
    throw programError('invalid_configuration', `agents.issuer: ${error.message} (agents.federationFile)`);
  }
}

async function openPrincipalTokens(
  section: string,
  settings: PrincipalTokenSettings,
  effects: AuthenticatorEffects,
): Promise<Authenticator<Principal> | undefined> {
  const { token, tokenFile, tokensFile, issuer, requiredClaim, requiredValue, nameClaim } = settings;
  requireOneSource(section, settings);
  if (token !== undefined) return principalTokens([{ name: section, token }]);
  if (tokenFile !== undefined) {
    return principalTokens([{ name: section, token: await readSecretFile(tokenFile) }]);
  }
  if (tokensFile !== undefined) return principalTokens(await readTokens(tokensFile, principalTokenSchema));
  if (issuer === undefined) return undefined;
  if (requiredClaim === undefined || requiredValue === undefined) {
    throw missingSetting(`${section}.requiredClaim and ${section}.requiredValue`, `${section}.issuer`);
  }
  const required = { claim: requiredClaim, value: requiredValue };
  return createOidcTokens(section, settings, principalFromClaims({ required, name: nameClaim }), effects);
}

const staticTokenSchema = z.strictObject({
  token: z.string(),
  account: z.strictObject({
    accountId: z.string(),
    chatgptUserId: z.string(),
    email: z.string().optional(),
    planType: z.string().default('unknown'),
    isFedramp: z.boolean().default(false),
    capabilities: z.array(z.string()).optional(),
  }),
});

const principalTokenSchema = z.strictObject({ name: z.string(), token: z.string() });
