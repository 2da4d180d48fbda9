import { invalidArgument, requireKnownOptions, requireObject } from 'agent-identity-core/http';
import type { AgentBillOfMaterials } from 'agent-identity-core/wire';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import { type EpochMilliseconds, requireInstants } from '../instant.js';
import type { Page, PageRequest } from '../store/pagination.js';
import { isStorableText, requireStorableText } from '../store/storable-text.js';
import { type AgentLabels, requireLabels } from './agent-description.js';
import { maxLineage } from './lineage.js';
import {
  type AgentRuntimeSelector,
  requireSelectorMembers,
  runtimeSelectorNames,
} from './runtime-selector.js';

/** A registered agent runtime. It never holds the private key. */
export interface StoredAgentRuntime {
  readonly agentRuntimeId: string;
  /** The OpenSSH line, unique among runtimes. */
  readonly publicKeySsh: string;
  readonly accountId: string;
  readonly chatgptUserId: string;
  /** The plan of the account when the runtime was registered, such as `business`. */
  readonly planType: string;
  /** For people; not unique. */
  readonly name: string | null;
  /** Whom to ask about the agent, such as a team or an address. */
  readonly owner: string | null;
  readonly labels: AgentLabels;
  /** Null for an identity that was issued as a JWT without one. */
  readonly abom: AgentBillOfMaterials | null;
  /** What the runtime may do: what was granted, not what was asked for. */
  readonly capabilities: readonly string[];
  /** The runtimes that it descends from, its parent last. Empty unless another runtime registered it. */
  readonly lineage: readonly string[];
  readonly createdAt: EpochMilliseconds;
  /** From the registration's `ttl`; null if it never expires. The runtime is expired from this moment on. */
  readonly expiresAt: EpochMilliseconds | null;
  /** Null unless it or a runtime of its lineage is suspended: the earliest of these times. */
  readonly suspendedAt: EpochMilliseconds | null;
  /** Null unless revoked. */
  readonly revokedAt: EpochMilliseconds | null;
}

/** A change of the key of a runtime. Both keys are OpenSSH lines. */
export interface AgentKeyChange {
  readonly from: string;
  readonly to: string;
  readonly endTasks: boolean;
}

/** Whether a runtime may act. */
export type RuntimeStatus = 'active' | 'suspended' | 'revoked' | 'expired';

/** All statuses of a runtime. */
export const runtimeStatuses: readonly RuntimeStatus[] = ['active', 'suspended', 'revoked', 'expired'];

/** Which runtimes to list. */
export interface AgentRuntimeQuery extends AgentRuntimeSelector, PageRequest {
  /** Only runtimes that have this status at the given time. */
  readonly status?: { readonly is: RuntimeStatus; readonly at: EpochMilliseconds } | undefined;
}

/** The agent runtimes of an authority; see `AuthorityStore` for what holds of every method. */
export interface RuntimeStore {
  /**
   * Adds a runtime unless its public key is known. A key belongs to one runtime forever, even after a revocation or a change
   * of the key.
   *
   * @returns the runtime that has or had the key: the given one, or the existing one, unchanged
   */
  addAgentRuntime(runtime: StoredAgentRuntime, origin?: ChangeOrigin): Promise<StoredAgentRuntime>;

  /**
   * Adds a runtime that another one registers, like `addAgentRuntime`, unless one of its lineage may not act at `createdAt`.
   * Changes of the lineage at the same time come before it, or concern it too.
   *
   * @returns the runtime that has or had the key; `undefined` if one of the lineage is unknown, suspended, revoked or expired, or if
   * its root has `maxDescendants` that may act
   */
  addChildAgentRuntime(
    runtime: StoredAgentRuntime,
    origin?: ChangeOrigin,
  ): Promise<StoredAgentRuntime | undefined>;

  /**
   * Gives a runtime another key, unless it is revoked, has another key than `from`, or `to` was ever the key of a runtime.
   * Revokes its tasks if `endTasks` is true, also if it has the key `to` already.
   *
   * @returns the runtime as it is then; `undefined` for an unknown id
   */
  changeAgentRuntimeKey(
    agentRuntimeId: string,
    change: AgentKeyChange,
    changedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<StoredAgentRuntime | undefined>;

  /** How many descendants of a runtime may still act at this time. */
  countDescendants(agentRuntimeId: string, at: EpochMilliseconds): Promise<number>;

  /** Returns `undefined` for an unknown id. */
  findAgentRuntime(agentRuntimeId: string): Promise<StoredAgentRuntime | undefined>;

  /** Newest first. A runtime that is added while paging appears on no later page. */
  listAgentRuntimes(query?: AgentRuntimeQuery): Promise<Page<StoredAgentRuntime>>;

  /**
   * Marks a runtime and its descendants as revoked. Revoking it again changes nothing and keeps the first time.
   *
   * @returns whether the runtime exists
   */
  revokeAgentRuntime(
    agentRuntimeId: string,
    revokedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<boolean>;

  /** How many unrevoked runtimes the selector fits. */
  countAgentRuntimes(selector: AgentRuntimeSelector): Promise<number>;

  /**
   * Marks the unrevoked runtimes that the selector fits as revoked, if there are exactly `expectedCount`; otherwise it changes
   * nothing. At most 10,000 at once, and their descendants. The audit log gets an entry for each.
   *
   * @returns how many there are
   */
  revokeAgentRuntimes(
    selector: AgentRuntimeSelector,
    expectedCount: number,
    revokedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<number>;

  /**
   * Marks a runtime as suspended, and its descendants with it. A suspended or revoked one stays as it is.
   *
   * @returns whether the runtime exists
   */
  suspendAgentRuntime(
    agentRuntimeId: string,
    suspendedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<boolean>;

  /**
   * Ends the suspension of a runtime, and of descendants that are not suspended by themselves. One that is not suspended
   * stays as it is, and so does one whose lineage is.
   *
   * @returns whether the runtime exists
   */
  resumeAgentRuntime(
    agentRuntimeId: string,
    resumedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<boolean>;
}

/**
 * Requires a runtime that every store can keep.
 *
 * @throws AgentIdentityError `invalid_argument` for members that a store cannot keep
 * @example
 * ```ts
 * import type { StoredAgentRuntime } from 'agent-identity-authority-core';
 * import { requireStorableRuntime } from 'agent-identity-authority-core/store';
 *
 * declare const runtime: StoredAgentRuntime;
 * requireStorableRuntime(runtime);
 * ```
 */
export function requireStorableRuntime(runtime: StoredAgentRuntime): void {
  requireObject(runtime, 'runtime');
  const { agentRuntimeId, publicKeySsh, accountId, chatgptUserId, abom, capabilities } = runtime;
  const { planType, name, owner, labels, lineage } = runtime;
  requireStorableText({ agentRuntimeId, publicKeySsh, accountId, chatgptUserId, planType });
  if (name !== null) requireStorableText({ name }, 255);
  if (owner !== null) requireStorableText({ owner }, 255);
  requireLabels(labels, 'labels');
  if (abom !== null) requireObject(abom, 'abom');
  if (!Array.isArray(capabilities) || !capabilities.every((name) => typeof name === 'string')) {
    throw invalidArgument('capabilities', 'a list of strings', capabilities);
  }
  if (!Array.isArray(lineage) || lineage.length > maxLineage || !lineage.every((id) => isStorableText(id))) {
    throw invalidArgument('lineage', `a list of at most ${maxLineage} ids`, lineage);
  }
  const { createdAt, expiresAt, suspendedAt, revokedAt } = runtime;
  requireInstants({ createdAt }, { expiresAt, suspendedAt, revokedAt });
}

/**
 * Refuses unknown members: a mistyped filter must not list everything.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireAgentRuntimeQuery } from 'agent-identity-authority-core/store';
 *
 * requireAgentRuntimeQuery({ accountId: 'account-1', limit: 10 });
 * ```
 */
export function requireAgentRuntimeQuery(query: AgentRuntimeQuery): void {
  requireKnownOptions(query, [...runtimeSelectorNames, 'status', 'cursor', 'limit'], 'query');
  requireSelectorMembers(query, 'query');
  const { status } = query;
  if (status === undefined) return;
  requireKnownOptions(status, ['is', 'at'], 'query.status');
  if (!runtimeStatuses.includes(status.is)) {
    throw invalidArgument('query.status.is', runtimeStatuses.join(', '), status.is);
  }
  requireInstants({ 'query.status.at': status.at });
}
