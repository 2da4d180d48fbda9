import * as z from 'zod';
import type { Operation, Route } from '../http/operation.js';
import type { SigningKeys } from './signing-keys.js';

export interface JwksParts {
  readonly signingKeys: SigningKeys;
}

/** How long clients and caches may keep the key set: a new key is to be published for longer before it signs. */
const jwksMaxAgeSeconds = 300;

const operation: Operation = {
  operationId: 'getSigningKeySet',
  method: 'get',
  path: '/agent-identities/jwks',
  summary: 'The keys that sign Agent Identity JWTs (RFC 7517), under any path that ends so',
  access: 'public',
  answer: {
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
 * Answered under any path: clients derive it from a JWT base URL of their own, with `/wham` in between where that has
 * the segment `backend-api` (docs/protocol.md section 6), and it is public anyway.
 */
export function jwksRoute({ signingKeys }: JwksParts): Route {
  return {
    operation,
    async handle(context) {
      return context.json(await signingKeys.published(), 200, {
        'cache-control': `public, max-age=${jwksMaxAgeSeconds}`,
      });
    },
  };
}
