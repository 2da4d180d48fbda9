import { generateAgentKey } from 'agent-identity-core';
import { type SigningKey, signJwt } from 'test-support';

/** 2026-04-23T00:00:00Z in seconds: the tokens of these tests are issued at this time. */
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

/** Signs any payload and any header with RS256. */
export function signToken(
  key: SigningKey,
  payload: unknown = goodClaims,
  header: unknown = { alg: 'RS256', kid: key.kid },
): string {
  return signJwt(key, payload, header);
}
