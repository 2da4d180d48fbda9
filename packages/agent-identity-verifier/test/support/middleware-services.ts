import { getRequestListener } from '@hono/node-server';
import type { AssertionVerifier, VerifiedAgent } from 'agent-identity-verifier';
import * as forExpress from 'agent-identity-verifier/express';
import * as forFastify from 'agent-identity-verifier/fastify';
import { withAgent } from 'agent-identity-verifier/fetch';
import * as forHono from 'agent-identity-verifier/hono';
import * as forNode from 'agent-identity-verifier/node';
import express5 from 'express';
import express4 from 'express-4';
import fastify5 from 'fastify';
import fastify4 from 'fastify-4';
import { Hono } from 'hono';
import { listenOnLoopback } from 'test-support';
import { onTestFinished } from 'vitest';

/** Serves one guarded route, which responds with the agent; returns its origin. */
export type StartService = (
  verifier: Pick<AssertionVerifier, 'verify'>,
  options: {
    readonly onRefusal?: ((error: unknown) => void) | undefined;
    /** The name of a header that contains the client address. */
    readonly addressHeader?: string | undefined;
    readonly capability?: string | undefined;
    readonly authorize?: ((agent: VerifiedAgent) => boolean | Promise<boolean>) | undefined;
  },
  onHandled: (agent: VerifiedAgent) => void,
) => Promise<string>;

const startHono: StartService = (verifier, { addressHeader, ...options }, onHandled) => {
  const app = new Hono<forHono.AgentEnv>();
  app.use(
    forHono.requireAgent(verifier, {
      ...options,
      clientAddress: addressHeader ? (context) => context.req.header(addressHeader) : undefined,
    }),
  );
  app.all('/v1/responses', (context) => {
    onHandled(context.var.agent);
    return context.json(context.var.agent);
  });
  return listenOnLoopback(getRequestListener(app.fetch));
};

const startExpress =
  (express: typeof express5): StartService =>
  (verifier, { addressHeader, ...options }, onHandled) => {
    const app = express();
    app.use(
      forExpress.requireAgent(verifier, {
        ...options,
        clientAddress: addressHeader ? ({ headers }) => headers[addressHeader]?.toString() : undefined,
      }),
    );
    app.all('/v1/responses', (request, response) => {
      onHandled(forExpress.getVerifiedAgent(request));
      response.json(request.agent);
    });
    return listenOnLoopback(app);
  };

const startFastify =
  (fastify: typeof fastify5): StartService =>
  async (verifier, { addressHeader, ...options }, onHandled) => {
    const app = fastify();
    await app.register(forFastify.requireAgent, {
      verifier,
      ...options,
      clientAddress: addressHeader ? ({ headers }) => headers[addressHeader]?.toString() : undefined,
    });
    app.all('/v1/responses', async (request) => {
      onHandled(forFastify.getVerifiedAgent(request));
      return request.agent;
    });
    onTestFinished(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  };

const startNode: StartService = (verifier, { addressHeader, ...options }, onHandled) =>
  listenOnLoopback(
    forNode.requireAgent(
      verifier,
      (_request, response, agent) => {
        onHandled(agent);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(agent));
      },
      {
        ...options,
        clientAddress: addressHeader ? ({ headers }) => headers[addressHeader]?.toString() : undefined,
      },
    ),
  );

const startFetch: StartService = (verifier, { addressHeader, ...options }, onHandled) => {
  const handle = withAgent(
    verifier,
    (_request, agent) => {
      onHandled(agent);
      return Response.json(agent);
    },
    {
      ...options,
      clientAddress: addressHeader ? ({ headers }) => headers.get(addressHeader) ?? undefined : undefined,
    },
  );
  return listenOnLoopback(getRequestListener((request) => handle(request)));
};

/** Every framework version that the middleware supports. */
export const middlewareServices: Readonly<Record<string, StartService>> = {
  Hono: startHono,
  'Express 4': startExpress(express4),
  'Express 5': startExpress(express5),
  'Fastify 4': startFastify(fastify4 as unknown as typeof fastify5),
  'Fastify 5': startFastify(fastify5),
  'node:http': startNode,
  'Request and Response': startFetch,
};
