import type { Context, Handler } from 'hono';
import type * as z from 'zod';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import type { Administrator } from '../authentication/administrator.js';
import type { AdministratorOperationId } from './administrator-permissions.js';
import type { ErrorCodes, RequestErrorCode } from './error-response.js';

/** Who may call an operation. */
export type Access =
  /** Anyone; a task registration proves itself by its signature. */
  | 'public'
  /** Callers whose access token the authenticator accepts; checked by the handler. */
  | 'account'
  /** Agents, whose assertions the handler verifies. Proxies send all of them from one address, so there is no limit for it. */
  | 'agent'
  | 'administrator'
  | 'verifier';

/** An operation of the HTTP API, as the OpenAPI document describes it. */
export type Operation = OperationDescription &
  (
    | { readonly access: 'administrator'; readonly operationId: AdministratorOperationId }
    | { readonly access: Exclude<Access, 'administrator'>; readonly operationId: string }
  );

interface OperationDescription {
  readonly method: 'get' | 'post';
  /** Below the base path, with parameters in braces, such as `/v1/agent/{agent_runtime_id}/task/register`. */
  readonly path: string;
  /** The last parameter, if it takes the rest of the path with its slashes. */
  readonly restParameter?: string | undefined;
  readonly summary: string;
  /** An object whose members are the query parameters, strings on the wire. */
  readonly query?: z.core.$ZodType | undefined;
  readonly body?: z.core.$ZodType | undefined;
  /** Required request headers, and their descriptions. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly response: {
    readonly description: string;
    readonly schema: z.core.$ZodType;
    readonly status?: 200 | 201 | undefined;
    /** Default: `application/json`. */
    readonly mediaType?: string | undefined;
  };
  /** Whether a 200 has an `ETag`, and `If-None-Match` is honored. */
  readonly revalidates?: boolean | undefined;
  /** In addition to the errors that follow from the access, the body and the limits. */
  readonly errors: readonly RequestErrorCode[];
  readonly errorCodes?: ErrorCodes | undefined;
}

/** The context variables of a request. */
export interface OperationEnv {
  Variables: {
    /** Not set for requests that match no operation. */
    operation?: Operation;
    /** The caller of an operation of administrators. */
    administrator: Administrator;
  };
}

export type OperationContext = Context<OperationEnv>;

/** An operation and its handler. */
export interface Route {
  readonly operation: Operation;
  readonly handle: Handler<OperationEnv>;
}

/** The origin of an administrator's change, for the audit log: `role:name`. */
export function administratorOrigin(context: OperationContext): ChangeOrigin {
  const { role, name } = context.get('administrator');
  return { actor: `${role}:${name}` };
}
