import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  type Federation,
  type FederationOptions,
  type FederationRule,
  federation,
} from 'agent-identity-authority-core';
import { SignJWT } from 'jose';

export const now: number = Date.parse('2026-04-23T00:00:00Z');
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The keys of every issuer in these tests. */
export const jwks: object = {
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256', use: 'sig' }],
};

/** A token as the issuer would write it, signed by a key of ours. */
export function tokenOf(claims: Record<string, unknown>, key: KeyObject = privateKey): Promise<string> {
  const exp = Math.floor(now / 1000) + 300;
  return new SignJWT({ exp, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(key);
}

/** An issuer that anybody can get tokens of. */
export const gitHub = 'https://token.actions.githubusercontent.com';

/** A rule, and the claims of a token that fits it. */
export const base: FederationRule = {
  name: 'rule-1',
  issuer: 'https://login.example.com',
  audience: 'agents',
  jwks,
  accountIdClaim: 'org',
};
export const claims: Readonly<Record<string, unknown>> = {
  iss: 'https://login.example.com',
  aud: 'agents',
  sub: 'user-1',
  org: 'account-1',
};

/** Opens rules, and collects why tokens are refused. */
export function openRules(
  rules: readonly FederationRule[],
  options: Partial<FederationOptions> = {},
): { readonly federated: Federation; readonly refusals: readonly unknown[] } {
  const refusals: unknown[] = [];
  const onRefusal = (refusal: unknown) => refusals.push(refusal);
  return { federated: federation({ rules, onRefusal, ...options }, { clock: () => now }), refusals };
}
