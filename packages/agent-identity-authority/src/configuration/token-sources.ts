import {
  type AccessTokenRefusal,
  type Authenticator,
  type OidcTokensEffects,
  oidcTokens,
  type TokenClaims,
} from 'agent-identity-authority-core';
import * as z from 'zod';
import { programError } from '../errors.js';
import type { PrincipalTokenSettings } from './configuration.js';
import { readToml } from './read-configuration.js';

/** Dependencies of the configured authenticators. */
export interface AuthenticatorEffects extends OidcTokensEffects {
  /** Receives why a token of an OpenID provider was refused, and the section of the settings. Default: ignored. */
  readonly onRefusal?: ((section: string, refusal: AccessTokenRefusal) => void) | undefined;
}

/**
 * Where the tokens of administrators or verifiers come from: one place.
 *
 * @throws AgentIdentityError `invalid_configuration`
 */
export function requireOneSource(
  section: string,
  { token, tokenFile, tokensFile, issuer }: PrincipalTokenSettings,
): void {
  const [name, second] = Object.entries({ token, tokenFile, tokensFile, issuer }).flatMap(([key, value]) =>
    value === undefined ? [] : [key],
  );
  if (second !== undefined) throw bothGiven(`${section}.${name}`, `${section}.${second}`);
}

/** Accepts the tokens of the OpenID provider of a section. */
export function createOidcTokens<Subject>(
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

/**
 * Reads a TOML file of `[[tokens]]`.
 *
 * @throws AgentIdentityError `invalid_configuration`, which quotes nothing of the file
 */
export async function readTokens<Token>(file: string, schema: z.ZodType<Token>): Promise<readonly Token[]> {
  const result = z.strictObject({ tokens: z.array(schema).min(1) }).safeParse(await readToml(file));
  if (result.success) return result.data.tokens;
  const members = result.error.issues.map(({ path }) => path.join('.') || 'the file');
  throw programError('invalid_configuration', `${file}: invalid members: ${members.join(', ')}`);
}

export function bothGiven(one: string, other: string): Error {
  return programError('invalid_configuration', `${one} and ${other}: expected one of them, got both`);
}

export function missingSetting(what: string, by: string): Error {
  return programError('invalid_configuration', `${what}: required with ${by}`);
}
