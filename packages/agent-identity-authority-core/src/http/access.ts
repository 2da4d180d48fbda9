import type { MiddlewareHandler } from 'hono';
import type { Authenticator, Principal } from '../authentication/authenticator.js';
import { authenticateBearer } from '../authentication/bearer-token.js';
import type { OnFailure } from '../to-unavailable.js';
import type { Access, OperationContext, OperationEnv } from './operation.js';
import type { RequestCounter } from './rate-limits.js';

/** Returns a client's address from what the server passes with a request; `undefined` if unknown. */
export type ClientAddressOf = (request: Request, env: unknown) => string | undefined;

/** Dependencies of access control. */
export interface AccessParts {
  readonly administrators: Authenticator<Principal> | undefined;
  readonly verifiers: Authenticator<Principal> | undefined;
  readonly counter: RequestCounter;
  readonly clientAddressOf: ClientAddressOf;
  readonly onFailure: OnFailure;
}

/**
 * Creates the middleware that lets only permitted callers through. Requests without a principal count against the limit
 * per address, and so do failed attempts to authenticate.
 */
export function createAccessControl(access: Access, parts: AccessParts): MiddlewareHandler<OperationEnv> {
  if (access === 'administrator') return requirePrincipal(parts.administrators, parts);
  if (access === 'verifier') return requirePrincipal(parts.verifiers, parts);
  if (access === 'agent') return (_context, next) => next();
  return async (context, next) => {
    await countRequest(context, parts);
    return next();
  };
}

/** @throws AgentIdentityError `too_many_requests` */
export async function countRequest(
  context: OperationContext,
  { counter, clientAddressOf }: AccessParts,
): Promise<void> {
  await counter.countAddress(clientAddressOf(context.req.raw, context.env));
}

function requirePrincipal(
  authenticator: Authenticator<Principal> | undefined,
  parts: AccessParts,
): MiddlewareHandler<OperationEnv> {
  return async (context, next) => {
    if (authenticator === undefined) return context.notFound();
    const authorization = context.req.header('authorization');
    try {
      context.set('principal', await authenticateBearer(authorization, authenticator, parts.onFailure));
    } catch (error) {
      await countRequest(context, parts);
      throw error;
    }
    return next();
  };
}
