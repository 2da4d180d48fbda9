import { type AgentKey, type Clock, generateAgentKey } from 'agent-identity-core';
import { requireCapabilities, requireKnownOptions } from 'agent-identity-core/http';
import type { AgentBillOfMaterials } from 'agent-identity-core/wire';
import { agentIdentityJwtAudience, agentIdentityJwtIssuer } from 'agent-identity-jwt';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import type { AgentAccount } from '../authentication/agent-account.js';
import { requireAccount } from '../authentication/require-account.js';
import { newId } from '../new-id.js';
import { requireWholeSeconds } from '../require-whole-seconds.js';
import type { SigningKeys } from '../signing-keys/signing-keys.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { describedBy } from './agent-description.js';
import { createIssuedAgentIdentityJwt, type IssuedAgentIdentityJwt } from './issued-agent-identity-jwt.js';

/** Options for `issueAgentIdentityJwt`: for whom, and for how long. */
export interface IssueAgentIdentityJwtOptions {
  /** The account that owns the runtime, and the claims about it. */
  readonly account: AgentAccount;
  /** The lifetime of the JWT; at most, and by default, the authority's `jwtLifetimeSeconds`. */
  readonly lifetimeSeconds?: number | undefined;
  /** How long the runtime may act; forever by default. It outlives the JWT that brought it. */
  readonly runtimeTtlSeconds?: number | undefined;
  /** Describes the agent's software (docs/protocol.md section 4). Default: none. */
  readonly abom?: AgentBillOfMaterials | undefined;
  /** What the agent may do. Default: the capabilities of the account. */
  readonly capabilities?: readonly string[] | undefined;
}

/** Dependencies of issuing. */
export interface AgentIdentityIssuer {
  readonly store: AuthorityStore;
  readonly signingKeys: SigningKeys;
  readonly jwtLifetimeSeconds: number;
  readonly clock: Clock;
}

const optionNames = ['account', 'lifetimeSeconds', 'runtimeTtlSeconds', 'abom', 'capabilities'];

/** See `Administration.issueAgentIdentityJwt`. The identity is registered before it is returned. */
export async function issueAgentIdentityJwt(
  options: IssueAgentIdentityJwtOptions,
  { store, signingKeys, jwtLifetimeSeconds, clock }: AgentIdentityIssuer,
  origin?: ChangeOrigin,
): Promise<IssuedAgentIdentityJwt> {
  requireKnownOptions(options, optionNames, 'options');
  const { account, lifetimeSeconds = jwtLifetimeSeconds, runtimeTtlSeconds } = options;
  requireAccount(account, 'account');
  const { capabilities = account.capabilities ?? [] } = options;
  requireCapabilities(capabilities, 'capabilities');
  requireWholeSeconds(lifetimeSeconds, 'lifetimeSeconds', { min: 1, max: jwtLifetimeSeconds });
  if (runtimeTtlSeconds !== undefined)
    requireWholeSeconds(runtimeTtlSeconds, 'runtimeTtlSeconds', { min: 1 });
  const agentKey = generateAgentKey();
  const agentRuntimeId = newId('agent');
  const createdAt = clock();
  const iat = Math.floor(createdAt / 1000);
  const exp = iat + lifetimeSeconds;
  const jwt = await signingKeys.sign({ ...agentClaims(account, agentRuntimeId, agentKey), iat, exp });
  const runtime = {
    agentRuntimeId,
    publicKeySsh: agentKey.publicKey.ssh,
    accountId: account.accountId,
    chatgptUserId: account.chatgptUserId,
    planType: account.planType,
    ...describedBy(account.agent),
    abom: options.abom ?? null,
    capabilities,
    lineage: [],
    createdAt,
    expiresAt: runtimeTtlSeconds === undefined ? null : createdAt + runtimeTtlSeconds * 1000,
    suspendedAt: null,
    revokedAt: null,
  };
  await store.addAgentRuntime(runtime, origin);
  return createIssuedAgentIdentityJwt(jwt, { agentRuntimeId, expiresAt: exp * 1000 });
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
