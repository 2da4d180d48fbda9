import type { MiddlewareHandler } from 'hono';
import { type Administrator, includesRole, requireAdministrator } from '../authentication/administrator.js';
import type { Authenticator, Principal } from '../authentication/authenticator.js';
import { authenticateBearer } from '../authentication/bearer-token.js';
import type { OnFailure } from '../to-unavailable.js';
import { type AdministratorPermission, permissionFor } from './administrator-permissions.js';
import { RoleRequiredError } from './error-response.js';
import type { Operation, OperationContext, OperationEnv } from './operation.js';
import type { RequestCounter } from './rate-limits.js';

/** Returns a client's address from what the server passes with a request; `undefined` if unknown. */
export type ClientAddressOf = (request: Request, env: unknown) => string | undefined;

/** Dependencies of access control. */
export interface AccessParts {
  readonly administrators: Authenticator<Administrator> | undefined;
  readonly verifiers: Authenticator<Principal> | undefined;
  readonly counter: RequestCounter;
  readonly clientAddressOf: ClientAddressOf;
  readonly onFailure: OnFailure;
}

/**
 * Creates the middleware that lets only permitted callers through. Requests without a principal count against the limit
 * per address, and so do failed attempts to authenticate.
 */
export function createAccessControl(
  operation: Operation,
  parts: AccessParts,
): MiddlewareHandler<OperationEnv> {
  if (operation.access === 'administrator') {
    return admitAdministrators(permissionFor(operation.operationId), parts);
  }
  if (operation.access === 'verifier') return admitVerifiers(parts);
  if (operation.access === 'agent') return (_context, next) => next();
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

function admitAdministrators(
  permission: AdministratorPermission,
  parts: AccessParts,
): MiddlewareHandler<OperationEnv> {
  return async (context, next) => {
    const { administrators } = parts;
    if (administrators === undefined) return context.notFound();
    const authenticator: Authenticator<Administrator> = {
      // An authenticator of JavaScript may forget the role: that is a failure, and no role at all.
      async authenticate(accessToken) {
        const administrator = await administrators.authenticate(accessToken);
        return administrator && requireAdministrator(administrator, 'administrator');
      },
    };
    const administrator = await authenticateOrCount(context, authenticator, parts);
    requirePermission(administrator, permission);
    context.set('administrator', administrator);
    return next();
  };
}

/** @throws AgentIdentityError `role_required`, `all_accounts_required` */
function requirePermission(administrator: Administrator, { role, limited }: AdministratorPermission): void {
  if (!includesRole(administrator.role, role))
    throw new RoleRequiredError('role_required', administrator, role);
  if (limited === 'refused' && administrator.accountIds !== undefined) {
    throw new RoleRequiredError('all_accounts_required', administrator, role);
  }
}

function admitVerifiers(parts: AccessParts): MiddlewareHandler<OperationEnv> {
  return async (context, next) => {
    if (parts.verifiers === undefined) return context.notFound();
    await authenticateOrCount(context, parts.verifiers, parts);
    return next();
  };
}

async function authenticateOrCount<Subject>(
  context: OperationContext,
  authenticator: Authenticator<Subject>,
  parts: AccessParts,
): Promise<Subject> {
  try {
    return await authenticateBearer(context.req.header('authorization'), authenticator, parts.onFailure);
  } catch (error) {
    await countRequest(context, parts);
    throw error;
  }
}
