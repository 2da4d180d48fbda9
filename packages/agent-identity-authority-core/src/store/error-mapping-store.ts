import { isAgentIdentityError } from 'agent-identity-core';
import { type OnFailure, toUnavailable } from '../to-unavailable.js';
import type { AuthorityStore } from './authority-store.js';

/**
 * Wraps a store so that every failure is `store_unavailable`: retryable, and without what the store said. Errors that the
 * caller caused pass through.
 */
export function errorMappingStore(store: AuthorityStore, onFailure: OnFailure): AuthorityStore {
  const call = <Result>(method: () => Promise<Result>) => callStore(method, onFailure);
  return {
    addAgentRuntime: (...args) => call(() => store.addAgentRuntime(...args)),
    findAgentRuntime: (...args) => call(() => store.findAgentRuntime(...args)),
    listAgentRuntimes: (...args) => call(() => store.listAgentRuntimes(...args)),
    revokeAgentRuntime: (...args) => call(() => store.revokeAgentRuntime(...args)),
    addAgentTask: (...args) => call(() => store.addAgentTask(...args)),
    findAgentTask: (...args) => call(() => store.findAgentTask(...args)),
    listAgentTasks: (...args) => call(() => store.listAgentTasks(...args)),
    touchAgentTask: (...args) => call(() => store.touchAgentTask(...args)),
    revokeAgentTask: (...args) => call(() => store.revokeAgentTask(...args)),
    removeEndedTasks: (...args) => call(() => store.removeEndedTasks(...args)),
    addRuntimeAgentInstance: (...args) => call(() => store.addRuntimeAgentInstance(...args)),
    findRuntimeAgentInstance: (...args) => call(() => store.findRuntimeAgentInstance(...args)),
    listRuntimeAgentInstances: (...args) => call(() => store.listRuntimeAgentInstances(...args)),
    touchRuntimeAgentInstance: (...args) => call(() => store.touchRuntimeAgentInstance(...args)),
    changeRuntimeAgentInstances: (...args) => call(() => store.changeRuntimeAgentInstances(...args)),
    removeEndedInstances: (...args) => call(() => store.removeEndedInstances(...args)),
    listSigningKeys: () => call(() => store.listSigningKeys()),
    addFirstSigningKey: (...args) => call(() => store.addFirstSigningKey(...args)),
    rotateSigningKey: (...args) => call(() => store.rotateSigningKey(...args)),
    retireSigningKey: (...args) => call(() => store.retireSigningKey(...args)),
    reencryptSigningKeys: (...args) => call(() => store.reencryptSigningKeys(...args)),
    appendAuditEntry: (...args) => call(() => store.appendAuditEntry(...args)),
    listAuditEntries: (...args) => call(() => store.listAuditEntries(...args)),
    sequenceAuditEntries: (...args) => call(() => store.sequenceAuditEntries(...args)),
    readAuditRows: (...args) => call(() => store.readAuditRows(...args)),
    auditLogPosition: () => call(() => store.auditLogPosition()),
    pruneAuditEntries: (...args) => call(() => store.pruneAuditEntries(...args)),
    readAuditTile: (...args) => call(() => store.readAuditTile(...args)),
    auditCheckpoint: () => call(() => store.auditCheckpoint()),
    auditLogKey: () => call(() => store.auditLogKey()),
    addAuditLogKey: (...args) => call(() => store.addAuditLogKey(...args)),
    countRows: () => call(() => store.countRows()),
    ping: () => call(() => store.ping()),
    subscribe: (...args) => store.subscribe(...args),
    close: () => call(() => store.close()),
  };
}

async function callStore<Result>(method: () => Promise<Result>, onFailure: OnFailure): Promise<Result> {
  const outcome = await toUnavailable(
    'store_unavailable',
    async () => {
      try {
        return { result: await method() };
      } catch (error) {
        if (isAgentIdentityError(error, 'invalid_argument', 'invalid_cursor')) return { callerError: error };
        throw error;
      }
    },
    onFailure,
  );
  if ('callerError' in outcome) throw outcome.callerError;
  return outcome.result;
}
