import {
  type AccessTokenRefusal,
  type ActorAuthenticators,
  type Authenticator,
  federation,
  type OidcTokensEffects,
  oidcTokens,
  type Principal,
  principalFromClaims,
  principalTokens,
  staticTokens,
  type TokenClaims,
} from 'agent-identity-authority-core';
import { isAgentIdentityError } from 'agent-identity-core';
import * as z from 'zod';
import { programError } from '../errors.js';
import type { AgentTokenSettings, Configuration, PrincipalTokenSettings } from './configuration.js';
import { openCredentials } from './open-credentials.js';
import { openFederation } from './open-federation.js';
import { readToml } from './read-configuration.js';
import { readSecretFile } from './read-configuration-file.js';

/** The configured authenticators. */
export interface Authenticators {
  readonly authenticator: Authenticator;
  readonly actors: ActorAuthenticators;
  readonly administrators: Authenticator<Principal> | undefined;
  readonly verifiers: Authenticator<Principal> | undefined;
}

/** Dependencies of the configured authenticators. */
export interface AuthenticatorEffects extends OidcTokensEffects {
  /** Receives why a token of an OpenID provider was refused, and the section of the settings. Default: ignored. */
  readonly onRefusal?: ((section: string, refusal: AccessTokenRefusal) => void) | undefined;
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
    administrators: await openPrincipalTokens('administrators', administrators, effects),
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
  const sources = { token, tokenFile, tokensFile, issuer };
  const [name, second] = Object.entries(sources).flatMap(([key, value]) =>
    value === undefined ? [] : [key],
  );
  if (second !== undefined) throw bothGiven(`${section}.${name}`, `${section}.${second}`);
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

function createOidcTokens<Subject>(
  section: string,
  { issuer = '', audience, jwksUrl, algorithms }: PrincipalTokenSettings,
  subjectOf: (claims: TokenClaims) => Subject | undefined,
  { onRefusal = () => {}, ...effects }: AuthenticatorEffects,
): Authenticator<Subject> {
  if (audience === undefined) throw missingSetting(`${section}.audience`, `${section}.issuer`);
  return oidcTokens(
    {
      issuer,
      audience,
      jwksUrl,
      algorithms,
      subjectOf,
      onRefusal: (refusal) => onRefusal(section, refusal),
    },
    effects,
  );
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

async function readTokens<Token>(file: string, schema: z.ZodType<Token>): Promise<readonly Token[]> {
  const result = z.strictObject({ tokens: z.array(schema).min(1) }).safeParse(await readToml(file));
  if (result.success) return result.data.tokens;
  const members = result.error.issues.map(({ path }) => path.join('.') || 'the file');
  throw programError('invalid_configuration', `${file}: invalid members: ${members.join(', ')}`);
}

function bothGiven(one: string, other: string): Error {
  return programError('invalid_configuration', `${one} and ${other}: expected one of them, got both`);
}

function missingSetting(what: string, by: string): Error {
  return programError('invalid_configuration', `${what}: required with ${by}`);
}
