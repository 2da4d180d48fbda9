import { authorityError } from '../errors.js';
import type { AuthorityApp } from './authority-app.js';

/** Handles requests until it is closed; `close` resolves when the last one is done. */
export function createDrainingFetch(app: AuthorityApp): {
  fetch(request: Request, env?: unknown): Promise<Response>;
  close(): Promise<void>;
} {
  const running = new Set<Promise<Response>>();
  let isClosed = false;
  return {
    async fetch(request, env) {
      if (isClosed) return app.refuse(authorityError('authority_closed', 'The authority is closing.'));
      const response = app.handle(request, env);
      running.add(response);
      try {
        return await response;
      } finally {
        running.delete(response);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(running);
    },
  };
}
