import { authorityError } from '../errors.js';
import type { AuthorityApp } from './authority-app.js';

/** Answers requests until it is closed, and tells when the last one is done. */
export function drainingFetch(app: AuthorityApp): {
  fetch(request: Request, env?: unknown): Promise<Response>;
  close(): Promise<void>;
} {
  const underWay = new Set<Promise<Response>>();
  let closed = false;
  return {
    async fetch(request, env) {
      if (closed) return app.refuse(authorityError('authority_closed', 'The authority is closing.'));
      const answer = app.answer(request, env);
      underWay.add(answer);
      try {
        return await answer;
      } finally {
        underWay.delete(answer);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}
