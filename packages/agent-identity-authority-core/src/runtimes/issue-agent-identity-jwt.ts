import { type AgentKey, type Clock, generateAgentKey } from 'agent-identity-core';
import type { AgentBillOfMaterials } from 'agent-identity-core/wire';
import { agentIdentityJwtAudience, agentIdentityJwtIssuer } from 'agent-identity-jwt';
import { SignJWT } from 'jose';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import type { AgentAccount } from '../authentication/agent-account.js';
import { requireAccount } from '../authentication/require-account.js';
import { newId } from '../new-id.js';
import { requireSeconds } from '../require-seconds.js';
import type { SigningKeys } from '../signing-keys/signing-keys.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { type IssuedAgentIdentityJwt, issuedAgentIdentityJwt } from './issued-agent-identity-jwt.js';

/** For whom an identity is issued, and for how long. */
export interface AgentIdentityGrant {
  readonly account: AgentAccount;
  /** How long the JWT can be loaded, at most the authority's `jwtLifetimeSeconds`, which is the default. */
  readonly lifetimeSeconds?: number | undefined;
  /** How long the runtime itself may act; without end if left out. It outlives the JWT that brought it. */
  readonly runtimeTtlSeconds?: number | undefined;
  readonly abom?: AgentBillOfMaterials | undefined;
  /** `['responsesapi']` by default. */
  readonly capabilities?: readonly string[] | undefined;
}

/** What issuing needs of the authority. */
export interface AgentIdentityIssuer {
  readonly store: AuthorityStore;
  readonly signingKeys: SigningKeys;
  readonly jwtLifetimeSeconds: number;
  readonly clock: Clock;
}

/**
 * Makes an agent key, registers its public half as a new runtime, and signs an Agent Identity JWT that carries the
 * private half (docs/protocol.md section 7). The key is not stored: who loses the JWT asks for another identity. What is
 * returned is registered; if the store fails, nothing is returned.
 *
 * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
 */
export async function issueAgentIdentityJwt(
  grant: AgentIdentityGrant,
  { store, signingKeys, jwtLifetimeSeconds, clock }: AgentIdentityIssuer,
  origin?: ChangeOrigin,
): Promise<IssuedAgentIdentityJwt> {
  const { account, lifetimeSeconds = jwtLifetimeSeconds, runtimeTtlSeconds } = grant;
  requireAccount(account, 'account');
  requireSeconds(lifetimeSeconds, 'lifetimeSeconds', { min: 1, max: jwtLifetimeSeconds });
  if (runtimeTtlSeconds !== undefined) requireSeconds(runtimeTtlSeconds, 'runtimeTtlSeconds', { min: 1 });
  const agentKey = generateAgentKey();
  const agentRuntimeId = newId('agent');
  const createdAt = clock();
  const iat = Math.floor(createdAt / 1000);
  const exp = iat + lifetimeSeconds;
  const { kid, privateKey } = await signingKeys.current();
  const jwt = await new SignJWT({ ...agentClaims(account, agentRuntimeId, agentKey), iat, exp })
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
    .sign(privateKey);
  const runtime = {
    agentRuntimeId,
    publicKeySsh: agentKey.publicKey.ssh,
    accountId: account.accountId,
    chatgptUserId: account.chatgptUserId,
    abom: grant.abom ?? null,
    capabilities: grant.capabilities ?? ['responsesapi'],
    createdAt,
    expiresAt: runtimeTtlSeconds === undefined ? null : createdAt + runtimeTtlSeconds * 1000,
    revokedAt: null,
  };
  await store.addAgentRuntime(runtime, origin);
  return issuedAgentIdentityJwt(jwt, { agentRuntimeId, expiresAt: exp * 1000 });
}

function agentClaims(account: AgentAccount, agentRuntimeId: string, agentKey: AgentKey) {
  return {
    iss: agentIdentityJwtIssuer,
    aud: agentIdentityJwtAudience,
    agent_runtime_id: agentRuntimeId,
    agent_private_key: agentKey.toPkcs8Base64(),
    account_id: account.accountId,
    chatgpt_user_id: account.chatgptUserId,
    ...(account.email && { email: account.email }),
    plan_type: account.planType,
    chatgpt_account_is_fedramp: account.isFedramp,
  };
}
