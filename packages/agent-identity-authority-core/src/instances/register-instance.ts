import { createHash, createHmac } from 'node:crypto';
import { type Clock, readSshPublicKey } from 'agent-identity-core';
import type { InstanceRegistrationRequest } from 'agent-identity-core/wire';
import type { AgentActor } from 'agent-identity-verifier';
import { authorityError } from '../errors.js';
import type { EpochMilliseconds } from '../instant.js';
import { newId } from '../new-id.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { isStorableText } from '../store/storable-text.js';
import type { OnFailure } from '../to-unavailable.js';
import { type ActorAuthenticators, authenticateActor } from './actor-authenticator.js';
import type { StoredRuntimeAgentInstance } from './instance-store.js';

/** Dependencies of registering runtime agent instances. */
export interface InstanceRegistrar {
  readonly store: AuthorityStore;
  readonly actors: ActorAuthenticators;
  readonly clock: Clock;
  /** Counts a new instance of an actor, but not its repeats; throws `too_many_requests` above the limit. */
  readonly countActor: (actor: string, idempotencyKeyDigest: string) => Promise<void>;
  readonly onFailure: OnFailure;
}

/**
 * Registers a runtime agent instance for the actor of the credential (docs/protocol-instances.md sections 2 and 3). The same
 * `Idempotency-Key` with the same body gets the same instance, and so does the same public key of the same actor on the same
 * host. A repeat counts as use, so it revives an expired instance.
 *
 * @throws AgentIdentityError `invalid_agent_public_key`, `invalid_request`, `runtime_actor_invalid`,
 * `runtime_actor_source_inactive`, `runtime_actor_conflict`, `runtime_host_conflict`, `runtime_registration_conflict`,
 * `runtime_instance_revoked`, `too_many_requests`, `authenticator_unavailable`, `store_unavailable`
 */
export async function registerInstance(
  request: InstanceRegistrationRequest,
  idempotencyKey: string,
  { store, actors, clock, countActor, onFailure }: InstanceRegistrar,
): Promise<StoredRuntimeAgentInstance> {
  requirePublicKey(request.public_key);
  requireWithinLimits(request);
  const actor = await authenticateActor(request.actor_auth, actors, onFailure);
  const candidate = createInstance(request, idempotencyKey, actor, clock());
  const { idempotencyKeyDigest, createdAt: now } = candidate;
  const owner = actor.kind === 'chatgpt' ? actor.accountId : actor.organizationId;
  await countActor(JSON.stringify([actor.kind, owner, actor.userId]), idempotencyKeyDigest);
  const instance = await store.addRuntimeAgentInstance(candidate, { actor: `host:${candidate.agentHostId}` });
  if (instance.runtimeAgentInstanceId === candidate.runtimeAgentInstanceId) return instance;
  requireSameRegistration(instance, candidate);
  await store.touchRuntimeAgentInstance(instance.runtimeAgentInstanceId, now);
  return instance;
}

function createInstance(
  request: InstanceRegistrationRequest,
  idempotencyKey: string,
  actor: AgentActor,
  now: EpochMilliseconds,
): StoredRuntimeAgentInstance {
  const { actor_auth, agent_host_auth, public_key: publicKeySsh, metadata } = request;
  const { installation_id: installationId } = agent_host_auth;
  return {
    runtimeAgentInstanceId: newId('rai'),
    agentHostId: hostIdOf(actor, installationId),
    installationId,
    publicKeySsh,
    actor,
    credentialType: actor_auth.type,
    harness: metadata.harness,
    harnessVersion: metadata.harness_version,
    role: metadata.role,
    idempotencyKeyDigest: createHash('sha256').update(idempotencyKey).digest('hex'),
    // Keyed, because a plain digest of the body would allow guesses at the credential.
    requestDigest: createHmac('sha256', idempotencyKey).update(JSON.stringify(request)).digest('hex'),
    createdAt: now,
    lastSeenAt: now,
    suspendedAt: null,
    revokedAt: null,
  };
}

/**
 * The id of an installation within its account or organization. Nobody proves an installation id, so a stranger who sends
 * the one of somebody else must not get the same host.
 */
function hostIdOf(actor: AgentActor, installationId: string): string {
  const owner = actor.kind === 'chatgpt' ? actor.accountId : actor.organizationId;
  const name = JSON.stringify(['agent-host', actor.kind, owner, installationId]);
  return `host-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

/** Whether the known instance may be returned to this client. Checks the actor first: strangers learn nothing more. */
function requireSameRegistration(
  known: StoredRuntimeAgentInstance,
  candidate: StoredRuntimeAgentInstance,
): void {
  const isRepeat = known.idempotencyKeyDigest === candidate.idempotencyKeyDigest;
  if (isRepeat && known.requestDigest !== candidate.requestDigest) {
    throw authorityError(
      'runtime_registration_conflict',
      'The Idempotency-Key was used with another body. Register a new key with a new Idempotency-Key.',
    );
  }
  if (!isRepeat && !isSameActor(known.actor, candidate.actor)) {
    throw authorityError('runtime_actor_conflict', 'The public key is registered for another actor.');
  }
  if (!isRepeat && known.agentHostId !== candidate.agentHostId) {
    throw authorityError('runtime_host_conflict', 'The public key is registered for another installation.');
  }
  if (known.revokedAt !== null) {
    throw authorityError('runtime_instance_revoked', 'The runtime agent instance is revoked.');
  }
}

function isSameActor(one: AgentActor, other: AgentActor): boolean {
  const key = ({ kind, userId, ...owner }: AgentActor) =>
    JSON.stringify([kind, userId, ...Object.entries(owner).sort(([a], [b]) => (a < b ? -1 : 1))]);
  return key(one) === key(other);
}

function requirePublicKey(publicKeySsh: string): void {
  try {
    readSshPublicKey(publicKeySsh);
  } catch (cause) {
    throw authorityError(
      'invalid_agent_public_key',
      'public_key: expected an OpenSSH line with a valid Ed25519 key.',
      { cause },
    );
  }
}

/** A body may be longer than what is worth storing. */
function requireWithinLimits({ metadata }: InstanceRegistrationRequest): void {
  if (Object.values(metadata).every((text) => isStorableText(text))) return;
  throw authorityError('invalid_request', 'metadata: expected texts of at most 512 characters.');
}
