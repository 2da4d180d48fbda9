import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { OnFailure } from '../guarded.js';
import { type JwksRoute, serveJwks } from '../routes/jwks.js';
import { type AgentRegistrationRoute, serveAgentRegistration } from '../routes/register-agent.js';
import { serveTaskRegistration, type TaskRegistrationRoute } from '../routes/register-task.js';
import { answerHeaders, errorResponse, jsonError } from './error-response.js';

/** What the routes need, and what all of them share. */
export interface AuthorityAppParts extends AgentRegistrationRoute, TaskRegistrationRoute, JwksRoute {
  readonly authapiBasePath: string;
  readonly onFailure: OnFailure;
}

export interface AuthorityApp {
  /** Never rejects. */
  answer(request: Request): Promise<Response>;
  /** The answer to a request that failed in this way. */
  refuse(error: unknown): Response;
}

const maxBodyBytes = 64 * 1024;

/** Puts the routes together: one limit for bodies, one form for errors, and nothing of what went wrong inside. */
export function authorityApp(parts: AuthorityAppParts): AuthorityApp {
  const { clock } = parts;
  const refuse = (error: unknown) => {
    const known = errorResponse(error, clock());
    if (known !== undefined) return known;
    parts.onFailure(error);
    return jsonError(500, 'internal_error', 'The request could not be handled.', clock());
  };
  const tooLarge = () =>
    jsonError(413, 'request_too_large', `A body has ${maxBodyBytes} bytes at most.`, clock());
  const app = new Hono();
  app.onError(refuse);
  app.notFound(() => jsonError(404, 'not_found', 'There is nothing here.', clock()));
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(answerHeaders(clock()))) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  });
  app.use(bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }));
  app.post(`${parts.authapiBasePath}/v1/agent/register`, serveAgentRegistration(parts));
  app.post(`${parts.authapiBasePath}/v1/agent/:agentRuntimeId/task/register`, serveTaskRegistration(parts));
  app.get('*', serveJwks(parts));
  return {
    async answer(request) {
      try {
        return await app.fetch(request);
      } catch (error) {
        return refuse(error);
      }
    },
    refuse,
  };
}
