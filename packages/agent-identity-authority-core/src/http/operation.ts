import type { Context, Handler } from 'hono';
import type * as z from 'zod';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import type { Principal } from '../authentication/authenticator.js';
import type { RequestErrorCode } from './error-response.js';

/** Who may call an operation. */
export type Access =
  /** Anybody; a registration proves itself by its signature. */
  | 'public'
  /** Whoever has an access token that the authenticator knows; the handler asks it. */
  | 'account'
  | 'administrator'
  | 'verifier';

/** An operation of the HTTP interface, as the OpenAPI document tells it. */
export interface Operation {
  readonly operationId: string;
  readonly method: 'get' | 'post';
  /** Below the base path; parameters in braces, such as `/v1/agent/{agent_runtime_id}/task/register`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** An object; its members are the query parameters, strings on the wire. */
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: { readonly description: string; readonly schema: z.ZodType; readonly status?: 200 | 201 };
  /** Whether a 200 carries an `ETag` and `If-None-Match` is heeded. */
  readonly revalidates?: boolean;
  /** Besides those that follow from the access, the body and the limits. */
  readonly errors: readonly RequestErrorCode[];
}

/** What a handler finds in the context of its request. */
export interface OperationEnv {
  Variables: {
    /** What is called; nothing for requests that no operation is for. */
    operation?: Operation;
    /** Who calls an operation of administrators or verifiers. */
    principal: Principal;
  };
}

export type OperationContext = Context<OperationEnv>;

/** An operation and what answers it. */
export interface Route {
  readonly operation: Operation;
  readonly handle: Handler<OperationEnv>;
}

/** The origin of an administrator's change, for the audit log. */
export function operatorOrigin(context: OperationContext): ChangeOrigin {
  return { actor: `operator:${context.get('principal').name}` };
}
