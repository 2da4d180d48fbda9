/** What other parts of an authority must hear of, in this process and on other nodes. */
export type StoreChange =
  | { readonly kind: 'agent_runtime_revoked'; readonly agentRuntimeId: string }
  | { readonly kind: 'agent_task_revoked'; readonly agentRuntimeId: string; readonly taskId: string }
  | { readonly kind: 'signing_keys_changed' }
  /** Changes may have been missed, such as while a connection was down: drop everything that was remembered. */
  | { readonly kind: 'anything_may_have_changed' };

/** Must not throw; what it throws is ignored. */
export type StoreChangeListener = (change: StoreChange) => void;
