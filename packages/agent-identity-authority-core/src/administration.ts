import type { Clock } from 'agent-identity-core';
import type { ChangeOrigin } from './audit/audit-entry.js';
import { authorityError } from './errors.js';
import { requireSeconds } from './require-seconds.js';
import {
  type AgentIdentityGrant,
  type AgentIdentityIssuer,
  issueAgentIdentityJwt,
} from './runtimes/issue-agent-identity-jwt.js';
import type { IssuedAgentIdentityJwt } from './runtimes/issued-agent-identity-jwt.js';
import type { SigningKeyRotation, SigningKeys } from './signing-keys/signing-keys.js';
import type { AuthorityStore } from './store/authority-store.js';

/** What those who run an authority do with it. Each change is in the audit log, on behalf of `origin`. */
export interface Administration {
  /** @throws AgentIdentityError `invalid_argument`, `store_unavailable` */
  issueAgentIdentityJwt(grant: AgentIdentityGrant, origin?: ChangeOrigin): Promise<IssuedAgentIdentityJwt>;
  /**
   * Ends a runtime and with it all its tasks, for good; its key cannot be registered again. Doing it twice is no error.
   *
   * @throws AgentIdentityError `agent_runtime_not_found`, `store_unavailable`
   */
  revokeAgentRuntime(agentRuntimeId: string, origin?: ChangeOrigin): Promise<void>;
  /**
   * Ends one task. Doing it twice is no error.
   *
   * @throws AgentIdentityError `task_not_found`, `store_unavailable`
   */
  revokeAgentTask(
    task: { readonly agentRuntimeId: string; readonly taskId: string },
    origin?: ChangeOrigin,
  ): Promise<void>;
  /**
   * Makes a new signing key and lets the old ones fade out.
   *
   * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
   */
  rotateSigningKey(rotation?: SigningKeyRotation, origin?: ChangeOrigin): Promise<{ readonly kid: string }>;
  /**
   * Takes an old signing key out of the JWKS at once. Doing it twice is no error.
   *
   * @throws AgentIdentityError `signing_key_not_found`, `signing_key_in_use` for the newest, `store_unavailable`
   */
  retireSigningKey(kid: string, origin?: ChangeOrigin): Promise<void>;
}

/** What administration needs of the authority. */
export interface AdministrationParts extends AgentIdentityIssuer {
  readonly store: AuthorityStore;
  readonly signingKeys: SigningKeys;
  readonly clock: Clock;
}

/** What was signed last stays valid for the lifetime of a JWT and the leeway of docs/protocol.md section 7. */
const jwtLeewaySeconds = 60;

export function administration(parts: AdministrationParts): Administration {
  const { store, signingKeys, jwtLifetimeSeconds, clock } = parts;
  return {
    issueAgentIdentityJwt: (grant, origin) => issueAgentIdentityJwt(grant, parts, origin),
    async revokeAgentRuntime(agentRuntimeId, origin) {
      if (await store.revokeAgentRuntime(agentRuntimeId, clock(), origin)) return;
      throw authorityError('agent_runtime_not_found', 'There is no such agent runtime.');
    },
    async revokeAgentTask({ agentRuntimeId, taskId }, origin) {
      if (await store.revokeAgentTask(agentRuntimeId, taskId, clock(), origin)) return;
      throw authorityError('task_not_found', 'The agent runtime has no such task.');
    },
    async rotateSigningKey(
      { activateAfterSeconds = 0, overlapSeconds = jwtLifetimeSeconds + jwtLeewaySeconds } = {},
      origin,
    ) {
      requireSeconds(activateAfterSeconds, 'activateAfterSeconds', { min: 0 });
      requireSeconds(overlapSeconds, 'overlapSeconds', { min: 0 });
      return { kid: await signingKeys.rotate({ activateAfterSeconds, overlapSeconds }, origin) };
    },
    async retireSigningKey(kid, origin) {
      const now = clock();
      const outcome = await store.retireSigningKey(kid, now, now, origin);
      if (outcome === 'unknown') {
        throw authorityError('signing_key_not_found', 'There is no such signing key.');
      }
      if (outcome === 'in_use') {
        throw authorityError('signing_key_in_use', 'The newest signing key ends by a rotation only.');
      }
    },
  };
}
