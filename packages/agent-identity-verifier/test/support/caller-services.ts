import { getRequestListener } from '@hono/node-server';
import type { AssertionVerifier, VerifiedAgent } from 'agent-identity-verifier';
import * as forExpress from 'agent-identity-verifier/express';
import * as forFastify from 'agent-identity-verifier/fastify';
import { type Caller, type Decision, withAgent } from 'agent-identity-verifier/fetch';
import * as forHono from 'agent-identity-verifier/hono';
import * as forNode from 'agent-identity-verifier/node';
import express5 from 'express';
import express4 from 'express-4';
import fastify5 from 'fastify';
import fastify4 from 'fastify-4';
import { Hono } from 'hono';
import { listenOnLoopback } from 'test-support';
import { onTestFinished } from 'vitest';

/** A person whom the service knows by a bearer token. */
export interface Person {
  readonly userId: string;
  readonly capabilities?: readonly string[];
}

/** Serves one route for agents and bearer tokens, which responds with the caller; returns its origin. */
export type StartCallerService = (
  verifier: Pick<AssertionVerifier, 'verify'>,
  options: {
    readonly orBearer: (token: string, request: object) => Promise<Person | undefined> | Person | undefined;
    readonly onRefusal?: ((error: unknown) => void) | undefined;
    readonly onDecision?: ((decision: Decision) => void) | undefined;
    readonly capability?: string | undefined;
    readonly authorize?: ((agent: VerifiedAgent) => boolean) | undefined;
  },
) => Promise<string>;

/** What the compiler must know of a caller without a cast. */
function describe({ by, agent, bearer }: Caller<VerifiedAgent, Person>) {
  return agent === undefined ? { by, userId: bearer.userId } : { by, accountId: agent.accountId };
}

const startHono: StartCallerService = (verifier, options) => {
  const app = new Hono<forHono.CallerEnv<VerifiedAgent, Person>>();
  app.use(forHono.requireAgent(verifier, options));
  app.all('/v1/responses', (context) =>
    context.json({ ...describe(context.var.caller), agent: context.var.agent }),
  );
  return listenOnLoopback(getRequestListener(app.fetch));
};

const startExpress =
  (express: typeof express5): StartCallerService =>
  (verifier, options) => {
    const app = express();
    app.use(forExpress.requireAgent(verifier, options));
    app.all('/v1/responses', (request, response) => {
      response.json({ ...describe(forExpress.getCaller(request, options.orBearer)), agent: request.agent });
    });
    return listenOnLoopback(app);
  };

const startFastify =
  (fastify: typeof fastify5): StartCallerService =>
  async (verifier, options) => {
    const app = fastify();
    await app.register(forFastify.requireAgent, { verifier, ...options });
    app.all('/v1/responses', async (request) => ({
      ...describe(forFastify.getCaller(request, options.orBearer)),
      agent: request.agent ?? undefined,
    }));
    onTestFinished(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  };

const startNode: StartCallerService = (verifier, options) =>
  listenOnLoopback(
    forNode.requireAgent(
      verifier,
      (_request, response, caller) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ ...describe(caller), agent: caller.agent }));
      },
      options,
    ),
  );

const startFetch: StartCallerService = (verifier, options) => {
  const handle = withAgent(
    verifier,
    (_request, caller) => Response.json({ ...describe(caller), agent: caller.agent }),
    options,
  );
  return listenOnLoopback(getRequestListener((request) => handle(request)));
};

/** Every framework version that the middleware supports. */
export const callerServices: Readonly<Record<string, StartCallerService>> = {
  Hono: startHono,
  'Express 4': startExpress(express4),
  'Express 5': startExpress(express5),
  'Fastify 4': startFastify(fastify4 as unknown as typeof fastify5),
  'Fastify 5': startFastify(fastify5),
  'node:http': startNode,
  'Request and Response': startFetch,
};
