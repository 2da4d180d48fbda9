import { guarded, type OnFailure } from '../guarded.js';
import type { AuthorityStore } from './authority-store.js';

/** The same store, whose every failure is `store_unavailable`: retryable, and free of what the store said. */
export function guardedStore(store: AuthorityStore, onFailure: OnFailure): AuthorityStore {
  const guard = <Answer>(call: () => Promise<Answer>) => guarded('store_unavailable', call, onFailure);
  return {
    addAgentRuntime: (...args) => guard(() => store.addAgentRuntime(...args)),
    findAgentRuntime: (...args) => guard(() => store.findAgentRuntime(...args)),
    revokeAgentRuntime: (...args) => guard(() => store.revokeAgentRuntime(...args)),
    addAgentTask: (...args) => guard(() => store.addAgentTask(...args)),
    findAgentTask: (...args) => guard(() => store.findAgentTask(...args)),
    revokeAgentTask: (...args) => guard(() => store.revokeAgentTask(...args)),
    listSigningKeys: () => guard(() => store.listSigningKeys()),
    addFirstSigningKey: (...args) => guard(() => store.addFirstSigningKey(...args)),
    rotateSigningKey: (...args) => guard(() => store.rotateSigningKey(...args)),
    close: () => guard(() => store.close()),
  };
}
