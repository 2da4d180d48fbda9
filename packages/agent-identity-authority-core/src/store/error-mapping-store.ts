import { isAgentIdentityError } from 'agent-identity-core';
import { type OnFailure, toUnavailable } from '../to-unavailable.js';
import type { AuthorityStore } from './authority-store.js';

/** What a store refuses because of what it was asked, and not because it cannot. */
const refusals: ReadonlySet<string> = new Set(['invalid_argument', 'invalid_cursor']);

/** The same store, whose every failure is `store_unavailable`: retryable, and free of what the store said. */
export function errorMappingStore(store: AuthorityStore, onFailure: OnFailure): AuthorityStore {
  const guard = <Answer>(call: () => Promise<Answer>) => callStore(call, onFailure);
  return {
    addAgentRuntime: (...args) => guard(() => store.addAgentRuntime(...args)),
    findAgentRuntime: (...args) => guard(() => store.findAgentRuntime(...args)),
    listAgentRuntimes: (...args) => guard(() => store.listAgentRuntimes(...args)),
    revokeAgentRuntime: (...args) => guard(() => store.revokeAgentRuntime(...args)),
    addAgentTask: (...args) => guard(() => store.addAgentTask(...args)),
    findAgentTask: (...args) => guard(() => store.findAgentTask(...args)),
    listAgentTasks: (...args) => guard(() => store.listAgentTasks(...args)),
    touchAgentTask: (...args) => guard(() => store.touchAgentTask(...args)),
    revokeAgentTask: (...args) => guard(() => store.revokeAgentTask(...args)),
    listSigningKeys: () => guard(() => store.listSigningKeys()),
    addFirstSigningKey: (...args) => guard(() => store.addFirstSigningKey(...args)),
    rotateSigningKey: (...args) => guard(() => store.rotateSigningKey(...args)),
    retireSigningKey: (...args) => guard(() => store.retireSigningKey(...args)),
    reencryptSigningKeys: (...args) => guard(() => store.reencryptSigningKeys(...args)),
    appendAuditEntry: (...args) => guard(() => store.appendAuditEntry(...args)),
    listAuditEntries: (...args) => guard(() => store.listAuditEntries(...args)),
    auditHead: () => guard(() => store.auditHead()),
    verifyAuditLog: (...args) => guard(() => store.verifyAuditLog(...args)),
    ping: () => guard(() => store.ping()),
    subscribe: (...args) => store.subscribe(...args),
    close: () => guard(() => store.close()),
  };
}

async function callStore<Answer>(call: () => Promise<Answer>, onFailure: OnFailure): Promise<Answer> {
  const outcome = await toUnavailable(
    'store_unavailable',
    async () => {
      try {
        return { answer: await call() };
      } catch (failure) {
        if (isAgentIdentityError(failure) && refusals.has(failure.code)) return { refusal: failure };
        throw failure;
      }
    },
    onFailure,
  );
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.answer;
}
