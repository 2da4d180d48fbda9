import { invalidArgument, KeyedMutex } from 'agent-identity-core/http';
import type { AuthStore } from './auth-store.js';

/** A store that lives as long as the process. */
export interface MemoryAuthStore extends AuthStore {
  /** Logs in with another document, or out with none. */
  replace(text: string | undefined): void;
}

/**
 * Keeps a document in memory, for tests and for programs that keep the credentials somewhere else.
 *
 * @param text **Secret**: the text of an `auth.json`; `undefined` for no login.
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { memoryAuthStore, openChatgptAuth } from 'chatgpt-auth';
 *
 * const store = memoryAuthStore('{"OPENAI_API_KEY":"sk-example"}');
 * const { credentials } = await openChatgptAuth({ store });
 * // credentials.kind === 'apiKey'
 * ```
 */
export function memoryAuthStore(text?: string): MemoryAuthStore {
  let document = requireText(text);
  const mutex = new KeyedMutex();
  return {
    read: async () => document,
    replace: (next) => {
      document = requireText(next);
    },
    update: async (edit) => {
      const next = edit(document);
      if (document !== undefined && next !== undefined) document = next;
    },
    withLock: (name, work) => mutex.run(name, work),
  };
}

function requireText(text: string | undefined): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  throw invalidArgument('text', 'the text of an auth.json or undefined', text);
}
