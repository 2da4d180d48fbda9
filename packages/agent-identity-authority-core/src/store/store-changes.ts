import { createSubscribers, type Subscribers } from 'agent-identity-core/http';

/** A change that other parts of an authority must learn of, in this process and on other nodes. */
export type StoreChange =
  /** A runtime was suspended, resumed or revoked. */
  | { readonly kind: 'agent_runtime_changed'; readonly agentRuntimeId: string }
  | { readonly kind: 'agent_task_revoked'; readonly agentRuntimeId: string; readonly taskId: string }
  /** Instances were suspended, resumed or revoked. */
  | { readonly kind: 'runtime_agent_instances_changed' }
  | { readonly kind: 'signing_keys_changed' }
  /** Notifications may have been lost, for example while a connection was down: drop all caches. */
  | { readonly kind: 'anything_may_have_changed' };

/** Must not throw; exceptions are ignored. */
export type StoreChangeListener = (change: StoreChange) => void;

/** The subscribers of changes in this process. */
export type StoreChanges = Subscribers<StoreChange>;

/**
 * Creates an empty list of subscribers.
 *
 * @example
 * ```ts
 * import { createStoreChanges } from 'agent-identity-authority-core/store';
 *
 * const changes = createStoreChanges();
 * const unsubscribe = changes.subscribe(({ kind }) => kind);
 * changes.notify({ kind: 'signing_keys_changed' });
 * unsubscribe();
 * ```
 */
export function createStoreChanges(): StoreChanges {
  return createSubscribers();
}
