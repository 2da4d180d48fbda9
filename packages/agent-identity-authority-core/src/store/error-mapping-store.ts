import { isAgentIdentityError } from 'agent-identity-core';
import { type OnFailure, toUnavailable } from '../to-unavailable.js';
import { type AuthorityStore, authorityStoreMethods } from './authority-store.js';

type Method = (...args: unknown[]) => Promise<unknown>;

/**
 * Wraps a store so that every failure is `store_unavailable`: retryable, and without what the store said. Errors that the
 * caller caused pass through.
 */
export function errorMappingStore(store: AuthorityStore, onFailure: OnFailure): AuthorityStore {
  const methods = authorityStoreMethods.map((name) => {
    const method = (...args: unknown[]) => (store[name] as Method).apply(store, args);
    return [name, (...args: unknown[]) => callStore(() => method(...args), onFailure)];
  });
  const subscribe: AuthorityStore['subscribe'] = (listener) => store.subscribe(listener);
  return { ...Object.fromEntries(methods), subscribe };
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
