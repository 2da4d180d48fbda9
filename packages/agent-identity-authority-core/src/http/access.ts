import type { MiddlewareHandler } from 'hono';
import type { Authenticator, Principal } from '../authentication/authenticator.js';
import { authenticateBearer } from '../authentication/bearer-token.js';
import type { OnFailure } from '../to-unavailable.js';
import type { Access, OperationContext, OperationEnv } from './operation.js';
import type { RequestCounter } from './rate-limits.js';

/** Tells the address of a client from what the server gives with a request; `undefined` if it cannot. */
export type ClientAddressOf = (request: Request, env: unknown) => string | undefined;

/** Who may call what, and how often. */
export interface AccessParts {
  readonly administrators: Authenticator<Principal> | undefined;
  readonly verifiers: Authenticator<Principal> | undefined;
  readonly counter: RequestCounter;
  readonly clientAddressOf: ClientAddressOf;
  readonly onFailure: OnFailure;
}

/** Lets those pass who may call operations of this access. Requests of strangers count, and their failed attempts do. */
export function accessTo(access: Access, parts: AccessParts): MiddlewareHandler<OperationEnv> {
  if (access === 'administrator') return principalsOf(parts.administrators, parts);
  if (access === 'verifier') return principalsOf(parts.verifiers, parts);
  return (context, next) => {
    countRequest(context, parts);
    return next();
  };
}

/** @throws AgentIdentityError `too_many_requests` */
export function countRequest(context: OperationContext, { counter, clientAddressOf }: AccessParts): void {
  counter.countAddress(clientAddressOf(context.req.raw, context.env));
}

function principalsOf(
  authenticator: Authenticator<Principal> | undefined,
  parts: AccessParts,
): MiddlewareHandler<OperationEnv> {
  return async (context, next) => {
    if (authenticator === undefined) return context.notFound();
    const authorization = context.req.header('authorization');
    try {
      context.set('principal', await authenticateBearer(authorization, authenticator, parts.onFailure));
    } catch (error) {
      countRequest(context, parts);
      throw error;
    }
    return next();
  };
}
