import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { type EpochMilliseconds, requireInstants } from '../instant.js';
import { type AgentLabels, requireLabels } from './agent-description.js';

/** Selects agent runtimes: those that fit all members that are given. */
export interface AgentRuntimeSelector {
  readonly accountId?: string | undefined;
  /** Runtimes of one of these accounts; none for an empty list. */
  readonly accountIds?: readonly string[] | undefined;
  readonly chatgptUserId?: string | undefined;
  /** Runtimes that have all of these labels. */
  readonly labels?: AgentLabels | undefined;
  /** Runtimes that were registered before this moment. */
  readonly createdBefore?: EpochMilliseconds | undefined;
}

/** The names of the members. */
export const runtimeSelectorNames: readonly (keyof AgentRuntimeSelector)[] = [
  'accountId',
  'accountIds',
  'chatgptUserId',
  'labels',
  'createdBefore',
];

/** How many runtimes can be revoked at once. */
export const maxRevokedRuntimes = 10_000;

/**
 * Checks the members of a selector, and refuses others. It may be empty.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireSelectorMembers(selector: AgentRuntimeSelector, name: string): void {
  for (const member of ['accountId', 'chatgptUserId'] as const) {
    const value: unknown = selector[member];
    if (value !== undefined && typeof value !== 'string') {
      throw invalidArgument(`${name}.${member}`, 'a string', value);
    }
  }
  requireAccountIds(selector.accountIds, `${name}.accountIds`);
  if (selector.labels !== undefined) requireLabels(selector.labels, `${name}.labels`);
  if (selector.createdBefore !== undefined)
    requireInstants({ [`${name}.createdBefore`]: selector.createdBefore });
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireAccountIds(accountIds: unknown, name: string): void {
  if (accountIds === undefined) return;
  if (Array.isArray(accountIds) && accountIds.every((id) => typeof id === 'string')) return;
  throw invalidArgument(name, 'a list of strings', accountIds);
}

/**
 * Refuses unknown members and an empty selector: a typing error must not revoke every runtime.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireAgentRuntimeSelector } from 'agent-identity-authority-core/store';
 *
 * requireAgentRuntimeSelector({ accountId: 'account-1', labels: { team: 'search' } });
 * ```
 */
export function requireAgentRuntimeSelector(selector: AgentRuntimeSelector): void {
  requireKnownOptions(selector, runtimeSelectorNames, 'selector');
  requireSelectorMembers(selector, 'selector');
  const { labels = {}, ...others } = selector;
  const isEmpty =
    Object.values(others).every((value) => value === undefined) && Object.keys(labels).length === 0;
  if (isEmpty) throw invalidArgument('selector', `one of ${runtimeSelectorNames.join(', ')}`, undefined);
}

/** Whether a runtime fits all members of the selector. */
export function isSelected(
  runtime: {
    readonly accountId: string;
    readonly chatgptUserId: string;
    readonly labels: AgentLabels;
    readonly createdAt: EpochMilliseconds;
  },
  { accountId, accountIds, chatgptUserId, labels = {}, createdBefore = Infinity }: AgentRuntimeSelector,
): boolean {
  return (
    (accountId === undefined || runtime.accountId === accountId) &&
    (accountIds === undefined || accountIds.includes(runtime.accountId)) &&
    (chatgptUserId === undefined || runtime.chatgptUserId === chatgptUserId) &&
    Object.entries(labels).every(([key, value]) => runtime.labels[key] === value) &&
    runtime.createdAt < createdBefore
  );
}
