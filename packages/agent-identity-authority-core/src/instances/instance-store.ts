import { invalidArgument, requireKnownOptions, requireObject } from 'agent-identity-core/http';
import type { ActorAuth } from 'agent-identity-core/wire';
import type { AgentActor, RuntimeAgentInstanceStatus } from 'agent-identity-verifier';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import { type EpochMilliseconds, requireInstants } from '../instant.js';
import { requireAccountIds } from '../runtimes/runtime-selector.js';
import type { EndedRowsQuery, RemovedRows } from '../store/ended-rows.js';
import type { Page, PageRequest } from '../store/pagination.js';
import { requireStorableText } from '../store/storable-text.js';

/** A registered runtime agent instance (docs/protocol-instances.md). It holds neither a credential nor a private key. */
export interface StoredRuntimeAgentInstance {
  readonly runtimeAgentInstanceId: string;
  /** The authority's id of the installation within the actor's account or organization. */
  readonly agentHostId: string;
  /** As the client sent it; not a secret, and not verified. */
  readonly installationId: string;
  /** The OpenSSH line, unique among instances. */
  readonly publicKeySsh: string;
  /** Whom the instance acts for, as the credential decided at the registration. */
  readonly actor: AgentActor;
  /** The type of the credential that registered the instance. */
  readonly credentialType: ActorAuth['type'];
  readonly harness: string;
  readonly harnessVersion: string;
  readonly role: string;
  /** SHA-256 of the `Idempotency-Key`, unique among instances. */
  readonly idempotencyKeyDigest: string;
  /** HMAC-SHA-256 of the registration under the `Idempotency-Key`, so that a stolen store cannot be used to guess credentials. */
  readonly requestDigest: string;
  readonly createdAt: EpochMilliseconds;
  /** When it was registered or a verifier last looked it up, to about a minute. Not in the audit log. */
  readonly lastSeenAt: EpochMilliseconds;
  /** Null unless suspended. */
  readonly suspendedAt: EpochMilliseconds | null;
  /** Null unless revoked. */
  readonly revokedAt: EpochMilliseconds | null;
}

/** All statuses of an instance. */
export const instanceStatuses: readonly RuntimeAgentInstanceStatus[] = [
  'active',
  'suspended',
  'revoked',
  'expired',
];

/** Which instances: those that match all members given. */
export interface RuntimeAgentInstanceSelector {
  readonly runtimeAgentInstanceId?: string | undefined;
  readonly agentHostId?: string | undefined;
  readonly installationId?: string | undefined;
  readonly userId?: string | undefined;
  /** The account of a `chatgpt` actor. */
  readonly accountId?: string | undefined;
  /** The organization of a `platform` actor. */
  readonly organizationId?: string | undefined;
}

/** Which instances to list. */
export interface RuntimeAgentInstanceQuery extends RuntimeAgentInstanceSelector, PageRequest {
  /** Only instances of `chatgpt` actors of one of these accounts; none for an empty list. */
  readonly accountIds?: readonly string[] | undefined;
  /** Only instances with this status, if those not seen after `unusedSince` count as expired. */
  readonly status?:
    | { readonly is: RuntimeAgentInstanceStatus; readonly unusedSince: EpochMilliseconds }
    | undefined;
}

/** A change of existing instances. `suspend` can be undone by `resume`, `revoke` cannot. */
export type RuntimeAgentInstanceChange = 'suspend' | 'resume' | 'revoke';

/** The runtime agent instances of an authority; see `AuthorityStore` for what holds of every method. */
export interface RuntimeAgentInstanceStore {
  /**
   * Adds an instance unless its `Idempotency-Key` or its public key is known.
   *
   * @returns the given instance, or, unchanged, the one with the same `idempotencyKeyDigest`, or else with the same key
   */
  addRuntimeAgentInstance(
    instance: StoredRuntimeAgentInstance,
    origin?: ChangeOrigin,
  ): Promise<StoredRuntimeAgentInstance>;

  /** Returns `undefined` for an unknown id. */
  findRuntimeAgentInstance(runtimeAgentInstanceId: string): Promise<StoredRuntimeAgentInstance | undefined>;

  /** Newest first. An instance that is added while paging appears on no later page. */
  listRuntimeAgentInstances(query?: RuntimeAgentInstanceQuery): Promise<Page<StoredRuntimeAgentInstance>>;

  /** Moves `lastSeenAt` forward, never back. Ignores an unknown instance. Not in the audit log. */
  touchRuntimeAgentInstance(runtimeAgentInstanceId: string, seenAt: EpochMilliseconds): Promise<void>;

  /**
   * Suspends, resumes or revokes the selected instances, with one entry in the audit log. Leaves revoked ones alone, and
   * those that the change does not concern.
   *
   * @returns how many instances changed
   */
  changeRuntimeAgentInstances(
    selector: RuntimeAgentInstanceSelector,
    change: RuntimeAgentInstanceChange,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<number>;

  /**
   * Looks at the next instances, and removes those that were revoked, or unused and not suspended, for long enough. No client
   * can use such an instance; its credential may register its key anew. Not in the audit log.
   */
  removeEndedInstances(query: EndedRowsQuery): Promise<RemovedRows>;
}

const selectorNames = [
  'runtimeAgentInstanceId',
  'agentHostId',
  'installationId',
  'userId',
  'accountId',
  'organizationId',
] as const satisfies readonly (keyof RuntimeAgentInstanceSelector)[];

/**
 * Requires an instance that every store can keep.
 *
 * @throws AgentIdentityError `invalid_argument` for members that a store cannot keep
 * @example
 * ```ts
 * import type { StoredRuntimeAgentInstance } from 'agent-identity-authority-core';
 * import { requireStorableInstance } from 'agent-identity-authority-core/store';
 *
 * declare const instance: StoredRuntimeAgentInstance;
 * requireStorableInstance(instance);
 * ```
 */
export function requireStorableInstance(instance: StoredRuntimeAgentInstance): void {
  requireObject(instance, 'instance');
  const { actor, createdAt, lastSeenAt, suspendedAt, revokedAt, ...texts } = instance;
  requireStorableText(texts);
  requireObject(actor, 'actor');
  const { kind, ...ids } = actor;
  if (kind !== 'chatgpt' && kind !== 'platform') {
    throw invalidArgument('actor.kind', '"chatgpt" or "platform"', kind);
  }
  const { projectId = null, ...required } = { projectId: null, ...ids };
  requireStorableText({ ...required, ...(projectId !== null && { projectId }) });
  requireInstants({ createdAt, lastSeenAt }, { suspendedAt, revokedAt });
}

/**
 * Refuses unknown members and an empty selector: a typing error must not change every instance.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireInstanceSelector } from 'agent-identity-authority-core/store';
 *
 * requireInstanceSelector({ accountId: 'account-1' });
 * ```
 */
export function requireInstanceSelector(selector: RuntimeAgentInstanceSelector): void {
  requireKnownOptions(selector, selectorNames, 'selector');
  const values = selectorNames.map((name) => selector[name]).filter((value) => value !== undefined);
  if (values.length === 0) throw invalidArgument('selector', `one of ${selectorNames.join(', ')}`, undefined);
  const wrong = values.find((value) => typeof value !== 'string');
  if (wrong !== undefined) throw invalidArgument('selector', 'strings', wrong);
}

/**
 * Refuses unknown members: a mistyped filter must not list everything.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireInstanceQuery } from 'agent-identity-authority-core/store';
 *
 * requireInstanceQuery({ userId: 'user-1', limit: 10 });
 * ```
 */
export function requireInstanceQuery(query: RuntimeAgentInstanceQuery): void {
  requireKnownOptions(query, [...selectorNames, 'accountIds', 'status', 'cursor', 'limit'], 'query');
  requireAccountIds(query.accountIds, 'query.accountIds');
  const { status } = query;
  if (status === undefined) return;
  requireKnownOptions(status, ['is', 'unusedSince'], 'query.status');
  if (!instanceStatuses.includes(status.is)) {
    throw invalidArgument('query.status.is', instanceStatuses.join(', '), status.is);
  }
  requireInstants({ 'query.status.unusedSince': status.unusedSince });
}
