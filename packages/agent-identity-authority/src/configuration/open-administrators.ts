import {
  type Administrator,
  type AdministratorToken,
  type Authenticator,
  administratorFromClaims,
  administratorRoles,
  administratorTokens,
} from 'agent-identity-authority-core';
import * as z from 'zod';
import type { AdministratorSettings } from './configuration.js';
import { readSecretFile } from './read-configuration-file.js';
import {
  type AuthenticatorEffects,
  createOidcTokens,
  missingSetting,
  readTokens,
  requireOneSource,
} from './token-sources.js';

const section = 'administrators';

/** The configured administrators, without their tokens: what `doctor` shows. */
export interface ConfiguredAdministrator extends Omit<Administrator, 'name'> {
  /** The name of a token, or the value of a claim. */
  readonly who: string;
}

/** Creates the configured authenticator of administrators; `undefined` without any. */
export async function openAdministrators(
  settings: AdministratorSettings,
  effects: AuthenticatorEffects,
): Promise<Authenticator<Administrator> | undefined> {
  const { issuer, nameClaim, accountIdsClaim } = settings;
  const tokens = await readAdministratorTokens(settings);
  if (tokens !== undefined) return administratorTokens(tokens);
  if (issuer === undefined) return undefined;
  const { roleClaim, roles } = requireRoles(settings);
  const subjectOf = administratorFromClaims({
    roleClaim,
    roles,
    accountIds: accountIdsClaim,
    name: nameClaim,
  });
  return createOidcTokens(section, settings, subjectOf, effects);
}

/** Lists who may do what. */
export async function listAdministrators(
  settings: AdministratorSettings,
): Promise<readonly ConfiguredAdministrator[]> {
  const tokens = await readAdministratorTokens(settings);
  if (tokens !== undefined) {
    return tokens.map(({ name: who, role, accountIds }) => ({ who, role, accountIds }));
  }
  if (settings.issuer === undefined) return [];
  const { roleClaim, roles } = requireRoles(settings);
  const claim = roleClaim.join(' > ');
  return Object.entries(roles).map(([value, role]) => ({ who: `claim ${claim} "${value}"`, role }));
}

async function readAdministratorTokens(
  settings: AdministratorSettings,
): Promise<readonly AdministratorToken[] | undefined> {
  const { token, tokenFile, tokensFile } = settings;
  requireOneSource(section, settings);
  const one = { name: section, role: 'administrator' } as const;
  if (token !== undefined) return [{ ...one, token }];
  if (tokenFile !== undefined) return [{ ...one, token: await readSecretFile(tokenFile) }];
  if (tokensFile === undefined) return undefined;
  const entries = await readTokens(tokensFile, administratorTokenSchema);
  return Promise.all(
    entries.map(async ({ tokenFile: file, ...entry }) =>
      file === undefined ? entry : { ...entry, token: await readSecretFile(file) },
    ),
  );
}

/** The files with tokens that a file of administrators names. */
export async function listAdministratorTokenFiles(tokensFile: string): Promise<readonly string[]> {
  const entries = await readTokens(tokensFile, administratorTokenSchema);
  return entries.flatMap(({ tokenFile }) => tokenFile ?? []);
}

const administratorTokenSchema = z
  .strictObject({
    name: z.string(),
    role: z.enum(administratorRoles),
    accountIds: z.array(z.string()).optional(),
    token: z.string().optional(),
    tokenFile: z.string().min(1).optional(),
    sha256: z.string().optional(),
  })
  .refine(
    ({ token, tokenFile, sha256 }) =>
      [token, tokenFile, sha256].filter((value) => value !== undefined).length === 1,
  );

/** @throws AgentIdentityError `invalid_configuration` */
function requireRoles(settings: AdministratorSettings) {
  const { requiredClaim, requiredValue, operatorValue, viewerValue } = settings;
  const values = { administrator: requiredValue, operator: operatorValue, viewer: viewerValue };
  const given = administratorRoles.flatMap((role) => {
    const value = values[role];
    return value === undefined ? [] : [[value, role] as const];
  });
  if (requiredClaim === undefined || given.length === 0) {
    const names = `${section}.requiredClaim and one of .requiredValue, .operatorValue and .viewerValue`;
    throw missingSetting(names, `${section}.issuer`);
  }
  // A value that stands for two roles means the lower one to somebody.
  const roles = Object.fromEntries(given);
  if (Object.keys(roles).length < given.length) {
    throw missingSetting('a value of its own for each role', `${section}.requiredClaim`);
  }
  return { roleClaim: requiredClaim, roles };
}
