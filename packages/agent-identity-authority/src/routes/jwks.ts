import type { Handler } from 'hono';
import type { SigningKeys } from '../signing-keys.js';

export interface JwksRoute {
  readonly signingKeys: SigningKeys;
}

/**
 * `GET …/agent-identities/jwks` under any path: clients derive it from a JWT base URL of their own, with `/wham` in
 * between where that has the segment `backend-api` (protocol section 6), and it is public anyway.
 */
export function serveJwks({ signingKeys }: JwksRoute): Handler {
  return async (context, next) => {
    if (!context.req.path.endsWith('/agent-identities/jwks')) return next();
    return context.json(await signingKeys.published(), 200, { 'cache-control': 'public, max-age=300' });
  };
}
