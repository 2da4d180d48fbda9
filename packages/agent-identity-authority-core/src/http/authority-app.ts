import type { Clock } from 'agent-identity-core';
import { Hono, type MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import { type AccessParts, countRequest, createAccessControl } from './access.js';
import { commonHeaders, createErrorResponse, toErrorResponse } from './error-response.js';
import type { Operation, OperationEnv, Route } from './operation.js';
import { refuseUnexpectedInput } from './read-input.js';

/** A handled request, for metrics and logs. Holds no secrets and no text from the client. */
export interface RequestLogEntry {
  /** Lower case; `other` if there is no such operation. */
  readonly method: string;
  /** The operation's path template, such as `/v1/admin/agents/{agent_runtime_id}`; `unmatched` if there is none. */
  readonly route: string;
  readonly status: number;
  /** How long the request took, by the monotonic clock. */
  readonly milliseconds: number;
}

/** Dependencies of the app. */
export interface AuthorityAppParts extends AccessParts {
  readonly routes: readonly Route[];
  /** Served under any path that ends with its own. */
  readonly jwks: Route;
  readonly authapiBasePath: string;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly onResponse: (entry: RequestLogEntry) => void;
}

export interface AuthorityApp {
  /** Handles a request; never rejects. `env` is what the server passes with it. */
  handle(request: Request, env: unknown): Promise<Response>;
  /** Creates the response to a request that failed with this error. */
  refuse(error: unknown): Response;
}

/** Assembles the routes. All errors have one form, and reveal nothing about the cause of a 5xx. */
export function createAuthorityApp(parts: AuthorityAppParts): AuthorityApp {
  const { clock, jwks, onFailure } = parts;
  const refuse = (error: unknown, operation?: Operation) => {
    const response = toErrorResponse(error, clock(), operation?.errorCodes);
    if (response !== undefined) return response;
    onFailure(error);
    return createErrorResponse('internal_error', 'The request could not be handled.', clock());
  };
  const app = new Hono<OperationEnv>();
  app.onError((error, context) => refuse(error, context.get('operation')));
  app.notFound(() => createErrorResponse('not_found', 'There is no such route.', clock()));
  app.use(observeResponses(parts));
  for (const { operation, handle } of parts.routes) {
    app.on(
      [operation.method.toUpperCase()],
      [pathOf(operation, parts)],
      ...middlewareFor(operation, parts),
      handle,
    );
  }
  app.on(['GET'], jwksPathsOf(jwks), ...middlewareFor(jwks.operation, parts), jwks.handle);
  for (const [path, methods] of methodsByPath(parts)) {
    app.all(path, async (context) => {
      await countRequest(context, parts);
      const allow = [...methods].sort().join(', ');
      const message = `This route takes ${allow}.`;
      return createErrorResponse('method_not_allowed', message, clock(), { allow });
    });
  }
  app.all('*', async (context) => {
    await countRequest(context, parts);
    return context.notFound();
  });
  return {
    async handle(request, env) {
      try {
        return await app.fetch(request, env as object);
      } catch (error) {
        return refuse(error);
      }
    },
    refuse,
  };
}

/** The path of an operation as Hono writes it. */
function pathOf({ path, restParameter }: Operation, { authapiBasePath }: AuthorityAppParts): string {
  const pattern = path.replaceAll(/\{(\w+)\}/g, (_braces, name) =>
    name === restParameter ? `:${name}{.+}` : `:${name}`,
  );
  return `${authapiBasePath}${pattern}`;
}

function jwksPathsOf({ operation: { path } }: Route): string[] {
  return [path, `/:prefix{.*}${path}`];
}

/** The methods of each known path, for the `Allow` header (RFC 9110 section 15.5.6). GET includes HEAD. */
function methodsByPath(parts: AuthorityAppParts): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  const add = (path: string, method: string) => {
    const names = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
    methods.set(path, [...(methods.get(path) ?? []), ...names]);
  };
  for (const { operation } of parts.routes) {
    if (isServed(operation, parts)) add(pathOf(operation, parts), operation.method);
  }
  for (const path of jwksPathsOf(parts.jwks)) add(path, 'get');
  return methods;
}

/** Without administrators or verifiers, their routes do not exist. */
function isServed({ access }: Operation, { administrators, verifiers }: AuthorityAppParts): boolean {
  if (access === 'administrator') return administrators !== undefined;
  return access !== 'verifier' || verifiers !== undefined;
}

function middlewareFor(operation: Operation, parts: AuthorityAppParts): MiddlewareHandler<OperationEnv>[] {
  const setOperation: MiddlewareHandler<OperationEnv> = (context, next) => {
    context.set('operation', operation);
    return next();
  };
  const checkInput: MiddlewareHandler<OperationEnv> = async (context, next) => {
    await refuseUnexpectedInput(context, operation);
    return next();
  };
  return [
    setOperation,
    createAccessControl(operation, parts),
    ...(operation.access === 'administrator' ? [checkInput] : []),
    ...(operation.revalidates ? [etag()] : []),
  ];
}

/** Adds the common headers to each response and reports it. */
function observeResponses({
  clock,
  monotonicClock,
  onResponse,
}: AuthorityAppParts): MiddlewareHandler<OperationEnv> {
  return async (context, next) => {
    const receivedAt = monotonicClock();
    await next();
    for (const [name, value] of Object.entries(commonHeaders(clock()))) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
    const operation: Operation | undefined = context.get('operation');
    onResponse({
      method: operation?.method ?? 'other',
      route: operation?.path ?? 'unmatched',
      status: context.res.status,
      milliseconds: monotonicClock() - receivedAt,
    });
  };
}
