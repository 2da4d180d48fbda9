import { describeType } from 'agent-identity-core';
import { chatgptAuthError } from '../errors.js';
import { Turns } from '../runtime/turns.js';
import type { AuthStore } from './auth-store.js';

/** A store that lives as long as the process. */
export interface MemoryAuthStore extends AuthStore {
  /** Logs in with another document, or out with none. */
  replace(text: string | undefined): void;
}

/**
 * Keeps a document in memory, for tests and for programs that get it from elsewhere and keep it there.
 *
 * @param text **Secret**: the text of an `auth.json`; none means that nobody is logged in.
 */
export function memoryAuthStore(text?: string): MemoryAuthStore {
  let document = requireText(text);
  const turns = new Turns();
  return {
    read: async () => document,
    replace: (next) => {
      document = requireText(next);
    },
    update: async (edit) => {
      const next = edit(document);
      if (document !== undefined && next !== undefined) document = next;
    },
    exclusively: (name, work) => turns.take(name, work),
  };
}

function requireText(text: string | undefined): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  throw chatgptAuthError(
    'invalid_option',
    `text: expected the text of an auth.json or nothing, got ${describeType(text)}`,
  );
}
