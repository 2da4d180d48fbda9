import type { Clock } from 'agent-identity-core';
import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { ChangeOrigin } from './audit/audit-entry.js';
import { createEnrollmentAdministration, type EnrollmentAdministration } from './enrollment/enrollment.js';
import { authorityError } from './errors.js';
import {
  createInstanceAdministration,
  type InstanceAdministration,
} from './instances/administer-instances.js';
import { requireWholeSeconds } from './require-whole-seconds.js';
import {
  type AgentIdentityIssuer,
  type IssueAgentIdentityJwtOptions,
  issueAgentIdentityJwt,
} from './runtimes/issue-agent-identity-jwt.js';
import type { IssuedAgentIdentityJwt } from './runtimes/issued-agent-identity-jwt.js';
import {
  type AgentRuntimeSelector,
  maxRevokedRuntimes,
  requireAgentRuntimeSelector,
} from './runtimes/runtime-selector.js';
import { externalKeysError } from './signing-keys/external-signing-keys.js';
import type { RotateSigningKeyOptions, SigningKeys } from './signing-keys/signing-keys.js';
import type { AuthorityStore } from './store/authority-store.js';

/** The operations of administrators. The audit log records every change with its `origin`. */
export interface Administration extends InstanceAdministration, EnrollmentAdministration {
  /**
   * Creates an agent key, registers its public key as a new runtime, and returns an Agent Identity JWT that carries the
   * private key (docs/protocol.md section 7). **The JWT is secret** and is not stored: an agent that loses it needs a new
   * identity. If the store fails, nothing is returned.
   *
   * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * const { jwt, agentRuntimeId } = await authority.issueAgentIdentityJwt({
   *   account: { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'business', isFedramp: false },
   *   lifetimeSeconds: 3600,
   * });
   * ```
   */
  issueAgentIdentityJwt(
    options: IssueAgentIdentityJwtOptions,
    origin?: ChangeOrigin,
  ): Promise<IssuedAgentIdentityJwt>;

  /**
   * Revokes a runtime and all its tasks forever; its key can never be registered again. Revoking it again has no effect.
   *
   * @throws AgentIdentityError `agent_runtime_not_found`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * await authority.revokeAgentRuntime('agent-1', { actor: 'operator:alice' });
   * ```
   */
  revokeAgentRuntime(agentRuntimeId: string, origin?: ChangeOrigin): Promise<void>;

  /**
   * Counts the unrevoked runtimes that a selector fits: what `revokeAgentRuntimes` must be told.
   *
   * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * const count = await authority.countAgentRuntimes({ labels: { team: 'search' } });
   * ```
   */
  countAgentRuntimes(selector: AgentRuntimeSelector): Promise<number>;

  /**
   * Revokes all unrevoked runtimes that a selector fits, if there are exactly `expectedCount`, at most 10,000.
   *
   * @throws AgentIdentityError `count_mismatch`, which changed nothing, `invalid_argument`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * const selector = { accountId: 'account-1', chatgptUserId: 'user-1' };
   * const expectedCount = await authority.countAgentRuntimes(selector);
   * await authority.revokeAgentRuntimes({ selector, expectedCount }, { actor: 'operator:alice' });
   * ```
   */
  revokeAgentRuntimes(
    options: { readonly selector: AgentRuntimeSelector; readonly expectedCount: number },
    origin?: ChangeOrigin,
  ): Promise<void>;

  /**
   * Suspends a runtime: services refuse its requests, and it registers no tasks, until it is resumed. Its tasks stay. Has no
   * effect on a runtime that is suspended or revoked.
   *
   * @throws AgentIdentityError `agent_runtime_not_found`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * await authority.suspendAgentRuntime('agent-1', { actor: 'operator:alice' });
   * ```
   */
  suspendAgentRuntime(agentRuntimeId: string, origin?: ChangeOrigin): Promise<void>;

  /**
   * Ends the suspension of a runtime. Has no effect on a runtime that is not suspended.
   *
   * @throws AgentIdentityError `agent_runtime_not_found`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * await authority.resumeAgentRuntime('agent-1', { actor: 'operator:alice' });
   * ```
   */
  resumeAgentRuntime(agentRuntimeId: string, origin?: ChangeOrigin): Promise<void>;

  /**
   * Revokes one task. Revoking it again has no effect.
   *
   * @throws AgentIdentityError `task_not_found`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * await authority.revokeAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
   * ```
   */
  revokeAgentTask(
    task: { readonly agentRuntimeId: string; readonly taskId: string },
    origin?: ChangeOrigin,
  ): Promise<void>;

  /**
   * Creates a new signing key. The old keys stay published while JWTs that they signed can be valid. Returns the `kid` of the
   * newest key, which is another one if `ifNewestKid` was not the newest any more.
   *
   * @throws AgentIdentityError `invalid_argument`, `store_unavailable`; `signing_key_external` with `jwtSigners`, whose owner rotates them
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * const { kid } = await authority.rotateSigningKey({ activateAfterSeconds: 900 });
   * ```
   */
  rotateSigningKey(
    options?: RotateSigningKeyOptions,
    origin?: ChangeOrigin,
  ): Promise<{ readonly kid: string }>;

  /**
   * Removes an old signing key from the JWKS immediately. Doing it again has no effect.
   *
   * @throws AgentIdentityError `signing_key_not_found`, `signing_key_in_use` for the newest key, `signing_key_external` with
   * `jwtSigners`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * const [oldest] = (await authority.jwks()).keys;
   * if (oldest) await authority.retireSigningKey(oldest.kid);
   * ```
   */
  retireSigningKey(kid: string, origin?: ChangeOrigin): Promise<void>;
}

/** Dependencies of the administration. */
export interface AdministrationParts extends AgentIdentityIssuer {
  readonly store: AuthorityStore;
  readonly signingKeys: SigningKeys;
  readonly clock: Clock;
}

/** The clock leeway that clients grant a JWT (docs/protocol.md section 7). */
const jwtLeewaySeconds = 60;

export function createAdministration(parts: AdministrationParts): Administration {
  const { store, signingKeys, jwtLifetimeSeconds, clock } = parts;
  return {
    ...createInstanceAdministration(parts),
    ...createEnrollmentAdministration(parts),
    issueAgentIdentityJwt: (options, origin) => issueAgentIdentityJwt(options, parts, origin),
    async revokeAgentRuntime(agentRuntimeId, origin) {
      requireFound(await store.revokeAgentRuntime(agentRuntimeId, clock(), origin));
    },
    async countAgentRuntimes(selector) {
      requireAgentRuntimeSelector(selector);
      return store.countAgentRuntimes(selector);
    },
    revokeAgentRuntimes: (options, origin) => revokeMany(options, parts, origin),
    async suspendAgentRuntime(agentRuntimeId, origin) {
      requireFound(await store.suspendAgentRuntime(agentRuntimeId, clock(), origin));
    },
    async resumeAgentRuntime(agentRuntimeId, origin) {
      requireFound(await store.resumeAgentRuntime(agentRuntimeId, clock(), origin));
    },
    async revokeAgentTask({ agentRuntimeId, taskId }, origin) {
      if (await store.revokeAgentTask(agentRuntimeId, taskId, clock(), origin)) return;
      throw authorityError('task_not_found', 'The agent runtime has no such task.');
    },
    async rotateSigningKey(options = {}, origin) {
      requireKnownOptions(options, ['activateAfterSeconds', 'overlapSeconds', 'ifNewestKid'], 'options');
      const { activateAfterSeconds = 0, ifNewestKid } = options;
      const { overlapSeconds = jwtLifetimeSeconds + jwtLeewaySeconds } = options;
      requireWholeSeconds(activateAfterSeconds, 'activateAfterSeconds', { min: 0 });
      requireWholeSeconds(overlapSeconds, 'overlapSeconds', { min: 0 });
      if (ifNewestKid !== undefined && typeof ifNewestKid !== 'string') {
        throw invalidArgument('ifNewestKid', 'a string', ifNewestKid);
      }
      return { kid: await signingKeys.rotate({ activateAfterSeconds, overlapSeconds, ifNewestKid }, origin) };
    },
    async retireSigningKey(kid, origin) {
      if (signingKeys.areExternal) throw externalKeysError();
      const now = clock();
      // Not after the newest key was created: then no clock that is set back publishes the key again.
      const end = Math.min(now, (await store.listSigningKeys()).at(-1)?.createdAt ?? now);
      const outcome = await store.retireSigningKey(kid, end, now, origin);
      if (outcome === 'unknown') {
        throw authorityError('signing_key_not_found', 'There is no such signing key.');
      }
      if (outcome === 'in_use') {
        throw authorityError('signing_key_in_use', 'Only a rotation ends the newest signing key.');
      }
    },
  };
}

async function revokeMany(
  options: { readonly selector: AgentRuntimeSelector; readonly expectedCount: number },
  { store, clock }: AdministrationParts,
  origin: ChangeOrigin | undefined,
): Promise<void> {
  requireKnownOptions(options, ['selector', 'expectedCount'], 'options');
  const { selector, expectedCount } = options;
  requireAgentRuntimeSelector(selector);
  if (!Number.isSafeInteger(expectedCount) || expectedCount < 0 || expectedCount > maxRevokedRuntimes) {
    throw invalidArgument('expectedCount', `a whole number from 0 to ${maxRevokedRuntimes}`, expectedCount);
  }
  const count = await store.revokeAgentRuntimes(selector, expectedCount, clock(), origin);
  if (count === expectedCount) return;
  const message = `${count} agent runtimes match, and ${expectedCount} were confirmed: nothing was revoked.`;
  throw authorityError('count_mismatch', message);
}

function requireFound(isFound: boolean): void {
  if (!isFound) throw authorityError('agent_runtime_not_found', 'There is no such agent runtime.');
}
