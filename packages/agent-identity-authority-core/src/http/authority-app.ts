import type { Clock } from 'agent-identity-core';
import { Hono, type MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import { type AccessParts, accessTo, countRequest } from './access.js';
import { answerHeaders, errorResponse, jsonError } from './error-response.js';
import type { Operation, OperationEnv, Route } from './operation.js';

/** A handled request, for metrics and logs. Holds no secrets and no text from the client. */
export interface RequestLogEntry {
  /** Lower case; `other` if there is no such operation. */
  readonly method: string;
  /** The path template of the operation, such as `/v1/admin/agents/{agent_runtime_id}`; `unmatched` if there is none. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** What the routes share. */
export interface AuthorityAppParts extends AccessParts {
  readonly routes: readonly Route[];
  /** Answered under any path that ends with its own. */
  readonly jwks: Route;
  readonly authapiBasePath: string;
  readonly clock: Clock;
  readonly onAnswer: (answered: RequestLogEntry) => void;
}

export interface AuthorityApp {
  /** Never rejects. `env` is what the server gives with a request. */
  answer(request: Request, env: unknown): Promise<Response>;
  /** The answer to a request that failed in this way. */
  refuse(error: unknown): Response;
}

/** Puts the routes together: one form for errors, and nothing of what went wrong inside. */
export function authorityApp(parts: AuthorityAppParts): AuthorityApp {
  const { clock, jwks, onFailure } = parts;
  const refuse = (error: unknown) => {
    const known = errorResponse(error, clock());
    if (known !== undefined) return known;
    onFailure(error);
    return jsonError('internal_error', 'The request could not be handled.', clock());
  };
  const app = new Hono<OperationEnv>();
  app.onError(refuse);
  app.notFound(() => jsonError('not_found', 'There is nothing here.', clock()));
  app.use(observeResponses(parts));
  for (const { operation, handle } of parts.routes) {
    const path = `${parts.authapiBasePath}${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    app.on([operation.method.toUpperCase()], [path], ...middlewareFor(operation, parts), handle);
  }
  const jwksPaths = [jwks.operation.path, `/:prefix{.*}${jwks.operation.path}`];
  app.on(['GET'], jwksPaths, ...middlewareFor(jwks.operation, parts), jwks.handle);
  app.all('*', (context) => {
    countRequest(context, parts);
    return context.notFound();
  });
  return {
    async answer(request, env) {
      try {
        return await app.fetch(request, env as object);
      } catch (error) {
        return refuse(error);
      }
    },
    refuse,
  };
}

/** What comes before the handler of an operation. */
function middlewareFor(operation: Operation, parts: AuthorityAppParts): MiddlewareHandler<OperationEnv>[] {
  const named: MiddlewareHandler<OperationEnv> = (context, next) => {
    context.set('operation', operation);
    return next();
  };
  return [named, accessTo(operation.access, parts), ...(operation.revalidates ? [etag()] : [])];
}

/** Puts the common headers on every answer, and tells of it. */
function observeResponses({ clock, onAnswer }: AuthorityAppParts): MiddlewareHandler<OperationEnv> {
  return async (context, next) => {
    const receivedAt = clock();
    await next();
    for (const [name, value] of Object.entries(answerHeaders(clock()))) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
    const operation: Operation | undefined = context.get('operation');
    onAnswer({
      method: operation?.method ?? 'other',
      route: operation?.path ?? 'unmatched',
      status: context.res.status,
      milliseconds: clock() - receivedAt,
    });
  };
}
