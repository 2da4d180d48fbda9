import * as z from 'zod';
import type { Operation, Route } from '../http/operation.js';
import type { SigningKeys } from './signing-keys.js';

export interface JwksParts {
  readonly signingKeys: SigningKeys;
}

/** How long clients and caches may keep the key set. Publish a new key for longer than this before it signs. */
const jwksMaxAgeSeconds = 300;

const operation: Operation = {
  operationId: 'getSigningKeySet',
  method: 'get',
  path: '/agent-identities/jwks',
  summary: 'Returns the keys that sign Agent Identity JWTs (RFC 7517), under any path that ends like this',
  access: 'public',
  response: {
    description: 'The key set',
    schema: z.object({
      keys: z.array(
        z.object({
          kty: z.literal('RSA'),
          n: z.string(),
          e: z.string(),
          kid: z.string(),
          alg: z.literal('RS256'),
          use: z.literal('sig'),
        }),
      ),
    }),
  },
  revalidates: true,
  errors: [],
};

/**
 * Creates the route of the key set. It is served under any path: clients derive the URL from their own JWT base URL, with
 * `/wham` in between if that has the segment `backend-api` (docs/protocol.md section 6).
 */
export function createJwksRoute({ signingKeys }: JwksParts): Route {
  return {
    operation,
    async handle(context) {
      return context.json(await signingKeys.published(), 200, {
        'cache-control': `public, max-age=${jwksMaxAgeSeconds}`,
      });
    },
  };
}
