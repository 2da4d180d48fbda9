import type { AgentDirectory } from 'agent-identity-verifier';
import type { AuthorityEffects, AuthorityOptions } from './authority-options.js';
import { authorityError } from './errors.js';
import { quietly } from './guarded.js';
import { authorityApp } from './http/authority-app.js';
import { drainingFetch } from './http/draining-fetch.js';
import { type AgentIdentityGrant, issueAgentIdentityJwt } from './issue-agent-identity-jwt.js';
import type { IssuedAgentIdentityJwt } from './issued-agent-identity-jwt.js';
import { registeredKeyReader } from './registered-key.js';
import { requireAuthorityOptions } from './require-authority-options.js';
import { requireSeconds } from './require-seconds.js';
import { openSigningKeys, type PublicJwks, type SigningKeyRotation } from './signing-keys.js';
import type { AuthorityStore } from './store/authority-store.js';
import { guardedStore } from './store/guarded-store.js';
import { storeDirectory } from './store-directory.js';

/** Issues agent identities: registers runtimes and tasks over HTTP, issues JWTs, and revokes what it issued. */
export interface Authority {
  /** Answers a request of protocol sections 4 to 6; never rejects. Give it to any server that speaks `Request`. */
  fetch(request: Request): Promise<Response>;
  /** For a verifier in the same process; it sees a revocation at once. */
  readonly directory: AgentDirectory;
  /** The public signing keys, as `fetch` serves them. */
  jwks(): Promise<PublicJwks>;
  /** @throws AgentIdentityError `invalid_argument`, `store_unavailable` */
  issueAgentIdentityJwt(grant: AgentIdentityGrant): Promise<IssuedAgentIdentityJwt>;
  /**
   * Ends a runtime and with it all its tasks, for good; its key cannot be registered again. Doing it twice is no error.
   *
   * @throws AgentIdentityError `invalid_agent_runtime_id`, `store_unavailable`
   */
  revokeAgentRuntime(agentRuntimeId: string): Promise<void>;
  /**
   * Ends one task. Doing it twice is no error.
   *
   * @throws AgentIdentityError `task_not_found`, `store_unavailable`
   */
  revokeAgentTask(task: { readonly agentRuntimeId: string; readonly taskId: string }): Promise<void>;
  /**
   * Makes a new signing key and lets the old ones fade out.
   *
   * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
   */
  rotateSigningKey(rotation?: SigningKeyRotation): Promise<{ readonly kid: string }>;
  /** Answers new requests with 503 and resolves when those under way are done. The store stays open. */
  close(): Promise<void>;
}

/**
 * Makes an authority over a store. The first one on a store makes its signing key.
 *
 * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
 */
export async function createAuthority(
  options: AuthorityOptions,
  { clock = Date.now, generateSigningKey, onFailure: report = () => {} }: AuthorityEffects = {},
): Promise<Authority> {
  const checked = requireAuthorityOptions(options);
  const { jwtLifetimeSeconds } = checked;
  const onFailure = quietly(report);
  const store = guardedStore(checked.store, onFailure);
  const signingKeys = await openSigningKeys(store, { generateSigningKey, clock });
  const readKey = registeredKeyReader();
  const app = authorityApp({ ...checked, store, signingKeys, readKey, clock, onFailure });
  return {
    ...drainingFetch(app),
    ...revocations(store, clock),
    directory: storeDirectory(store, readKey, clock),
    jwks: () => signingKeys.published(),
    issueAgentIdentityJwt: (grant) =>
      issueAgentIdentityJwt(grant, { store, signingKeys, jwtLifetimeSeconds, clock }),
    async rotateSigningKey({
      activateAfterSeconds = 0,
      // What was signed last is valid for the lifetime and the leeway of protocol section 7.
      overlapSeconds = jwtLifetimeSeconds + 60,
    } = {}) {
      requireSeconds(activateAfterSeconds, 'activateAfterSeconds', { min: 0 });
      requireSeconds(overlapSeconds, 'overlapSeconds', { min: 0 });
      return { kid: await signingKeys.rotate({ activateAfterSeconds, overlapSeconds }) };
    },
  };
}

function revocations(
  store: AuthorityStore,
  clock: () => number,
): Pick<Authority, 'revokeAgentRuntime' | 'revokeAgentTask'> {
  return {
    async revokeAgentRuntime(agentRuntimeId) {
      if (await store.revokeAgentRuntime(agentRuntimeId, clock())) return;
      throw authorityError('invalid_agent_runtime_id', 'there is no such agent runtime');
    },
    async revokeAgentTask({ agentRuntimeId, taskId }) {
      if (await store.revokeAgentTask(agentRuntimeId, taskId, clock())) return;
      throw authorityError('task_not_found', 'the agent runtime has no such task');
    },
  };
}
