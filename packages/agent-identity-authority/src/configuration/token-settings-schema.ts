import * as z from 'zod';
import type {
  AdministratorSettings,
  AgentTokenSettings,
  CredentialSettings,
  PrincipalTokenSettings,
} from './configuration.js';

export const text = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).optional().meta({ description });
export const secret = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).optional().meta({ description, secret: true });
export const list = (description: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z.array(z.string().min(1)).min(1).optional().meta({ description });

const providerSettings = {
  issuer: text('The OpenID provider whose access tokens are accepted, such as https://login.example.com.'),
  audience: list('The accepted audiences of those tokens.'),
  jwksUrl: text('The URL of the keys of the provider; discovered by default.'),
  algorithms: list('The signature algorithms of those tokens; RS256, PS256, ES256 and EdDSA by default.'),
};

const claimOf = (what: string, fallback: string) =>
  list(`The claim that holds ${what}; several names are a path into nested claims. ${fallback}`);

export const agents: z.ZodType<AgentTokenSettings, AgentTokenSettings> = z.strictObject({
  tokensFile: text(
    'A TOML file of [[tokens]] with token and account, for development: the server must then listen on loopback.',
  ),
  federationFile: text(
    'A TOML file of [[rules]]: whose tokens of which OpenID providers register agents, and for which account.',
  ),
  ...providerSettings,
  accountIdClaim: claimOf('the account that owns the runtimes', 'No default.'),
  chatgptUserIdClaim: claimOf('the user', 'sub by default.'),
  emailClaim: claimOf('the email address', 'email by default.'),
  planTypeClaim: claimOf('the plan', 'Without it, the plan is unknown.'),
  isFedrampClaim: claimOf('whether the account is a FedRAMP account', 'Without it, no account is.'),
});

export const credentials = (what: string): z.ZodType<CredentialSettings, CredentialSettings> =>
  z.strictObject({
    digestsFile: text(
      `A TOML file of [[credentials]] with sha256 and actor: the ${what} that register runtime agent instances.`,
    ),
    introspectionUrl: text(`The endpoint that tells the actor of ${what}, modeled on RFC 7662.`),
    introspectionTokenFile: text('A file that holds the bearer token of the authority at that endpoint.'),
  });

const principalSchema = (who: string) =>
  z.strictObject({
    token: secret(
      `A bearer token of ${who}, 32 characters or more. Not a flag, because flags show in process lists.`,
    ),
    tokenFile: text(`A file that holds a token of ${who}.`),
    tokensFile: text(`A TOML file of [[tokens]] with name and token, for several tokens of ${who}.`),
    ...providerSettings,
    requiredClaim: claimOf(`what makes a user one of ${who}`, 'Required with an issuer.'),
    requiredValue: text('The value that this claim must have, alone or among others.'),
    nameClaim: claimOf('the name for the audit log', 'sub by default.'),
  });

export const verifiers: z.ZodType<PrincipalTokenSettings, PrincipalTokenSettings> = principalSchema(
  'the services that look up agents',
);

export const administrators: z.ZodType<AdministratorSettings, AdministratorSettings> = principalSchema(
  'the administrators',
).extend({
  tokensFile: text(
    'A TOML file of [[tokens]] with name, role, one of token, tokenFile and sha256, and accountIds to limit it to accounts.',
  ),
  requiredValue: text('The value of this claim, alone or among others, that gives the role administrator.'),
  operatorValue: text('The value of this claim that gives the role operator.'),
  viewerValue: text('The value of this claim that gives the role viewer.'),
  accountIdsClaim: claimOf(
    'the accounts that an administrator is limited to',
    'Tokens without it are then refused. Without this setting, there is no limit.',
  ),
});
