import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { generateAgentKey } from 'agent-identity-core';

/** A key that the issuer signs with, and what a JWKS says of it. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<JsonWebKey>;
}

export function rsaKey(kid: string, modulusLength = 2048, publicExponent = 65_537): SigningKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  return { kid, privateKey, jwk };
}

/** 2026-04-23T00:00:00Z: when the tokens of these tests are issued. */
export const issuedAt = 1_776_902_400;

export const issuedClock = (): number => issuedAt * 1000;

export const agentPrivateKey: string = generateAgentKey().toPkcs8Base64();

export const goodClaims = {
  iss: 'https://chatgpt.com/codex-backend/agent-identity',
  aud: 'codex-app-server',
  exp: issuedAt + 3600,
  iat: issuedAt,
  agent_runtime_id: 'agent-runtime-5309',
  agent_private_key: agentPrivateKey,
  account_id: 'account-8675',
  chatgpt_user_id: 'user-2112',
  email: 'agent-owner@example.test',
  plan_type: 'business',
  chatgpt_account_is_fedramp: false,
};

export function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A token signed by RS256, with whatever header and payload, however senseless. */
export function signToken(
  { privateKey, kid }: SigningKey,
  payload: unknown = goodClaims,
  header: unknown = { alg: 'RS256', kid },
): string {
  return signParts(privateKey, encodeJson(header), encodeJson(payload));
}

/** Likewise of parts that are encoded already. */
export function signParts(privateKey: KeyObject, header: string, payload: string): string {
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), privateKey);
  return `${header}.${payload}.${signature.toString('base64url')}`;
}
