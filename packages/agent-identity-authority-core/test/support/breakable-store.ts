import { type AuthorityStore, memoryStore } from 'agent-identity-authority-core';

/**
 * A store that a test can break. Its errors then contain a password. Only what gives audit entries their places goes on: it
 * runs in the background ten times a second, and a test that counts failures means those of its requests.
 */
export function breakableStore(): { readonly store: AuthorityStore; readonly breakDown: () => void } {
  let broken = false;
  const store = new Proxy(memoryStore(), {
    get(target, name: keyof AuthorityStore) {
      const method = target[name] as (...args: unknown[]) => unknown;
      return async (...args: unknown[]) => {
        if (broken && name !== 'sequenceAuditEntries')
          throw new Error('connect ECONNREFUSED postgres://authority:hunter2@db/agents');
        return method(...args);
      };
    },
  });
  return {
    store,
    breakDown() {
      broken = true;
    },
  };
}
