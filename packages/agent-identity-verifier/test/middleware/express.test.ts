import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { type ExpressRequest, getVerifiedAgent, requireAgent } from 'agent-identity-verifier/express';
import cors from 'cors';
import express5 from 'express';
import express4 from 'express-4';
import { deferred, listenOnLoopback, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { pageOrigin, preflightHeaders } from '../support/browser-preflight.js';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import { sendRequest } from '../support/send-request.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });
const createMiddleware = () => requireAgent(verifier);

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('requireAgent for %s', (_name, express) => {
  it('guards the routes after it, and no others', async () => {
    const app = express();
    app.get('/health', (_request, response) => void response.send('ok'));
    app.use('/v1', createMiddleware());
    app.get('/v1/whoami', (request, response) => void response.json(getVerifiedAgent(request, 1).taskId));
    const origin = await listenOnLoopback(app);
    expect(await sendRequest(`${origin}/health`)).toMatchObject({ status: 200 });
    expect(await sendRequest(`${origin}/v1/whoami`)).toMatchObject({ status: 401 });
    expect(await sendRequest(`${origin}/v1/nowhere`)).toMatchObject({ status: 401 });
    expect(await sendRequest(`${origin}/v1/whoami`, headers)).toMatchObject({ status: 200, body: 'task-1' });
  });

  it('guards a single route', async () => {
    const app = express();
    app.get(
      '/whoami',
      createMiddleware(),
      (request, response) => void response.json(getVerifiedAgent(request, 1).taskId),
    );
    const origin = await listenOnLoopback(app);
    expect(await sendRequest(`${origin}/whoami`)).toMatchObject({ status: 401 });
    expect(await sendRequest(`${origin}/whoami`, headers)).toMatchObject({ status: 200, body: 'task-1' });
  });

  it('lets getVerifiedAgent fail a route that is unprotected by mistake', async () => {
    const app = express().set('env', 'test');
    app.get('/open', (request, response) => void response.json(getVerifiedAgent(request)));
    const origin = await listenOnLoopback(app);
    expect(await sendRequest(`${origin}/open`, headers)).toMatchObject({ status: 500 });
  });

  it('leaves the errors of routes to the app', async () => {
    const app = express().set('env', 'test');
    app.use(createMiddleware());
    app.get('/broken', () => {
      throw Object.assign(new Error('broken'), { status: 418 });
    });
    const origin = await listenOnLoopback(app);
    expect(await sendRequest(`${origin}/broken`, headers)).toMatchObject({ status: 418 });
  });

  it('takes the client address from the trust proxy setting', async () => {
    const app = express().set('trust proxy', 'loopback');
    const replayLimiter = { action: 'refuse', maxClientAddresses: 1 } as const;
    const verifier = createAssertionVerifier(
      { directory: agent.directory, replayLimiter },
      { clock: () => now },
    );
    app.use(requireAgent(verifier));
    app.get('/', (_request, response) => void response.send('ok'));
    const origin = await listenOnLoopback(app);
    const from = async (address: string) =>
      (await sendRequest(origin, { ...headers, 'x-forwarded-for': address })).status;
    expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')]).toEqual([
      200, 429, 200,
    ]);
  });

  it('works after cors(): the preflight passes, and refusals have the CORS headers', async () => {
    const app = express();
    app.use(cors({ origin: pageOrigin }));
    app.use('/v1', createMiddleware());
    app.get('/v1/whoami', (request, response) => void response.json(getVerifiedAgent(request, 1).taskId));
    const url = `${await listenOnLoopback(app)}/v1/whoami`;
    const allowed = { 'access-control-allow-origin': pageOrigin };
    expect(await sendRequest(url, preflightHeaders, 'OPTIONS')).toMatchObject({
      status: 204,
      headers: { ...allowed, 'access-control-allow-headers': 'authorization,chatgpt-account-id' },
    });
    expect(await sendRequest(url, { origin: pageOrigin })).toMatchObject({ status: 401, headers: allowed });
    expect(await sendRequest(url, { ...headers, origin: pageOrigin })).toMatchObject({
      status: 200,
      headers: allowed,
    });
  });

  it('sends no refusal after something else has responded', async () => {
    const started = deferred();
    const responded = deferred();
    const findAgentRuntime = async () => {
      started.resolve();
      await responded.promise;
      return undefined;
    };
    const directory = { ...agent.directory, findAgentRuntime };
    const middleware = requireAgent(createAssertionVerifier({ directory }, { clock: () => now }));
    const outcomes: Promise<void>[] = [];
    const app = express();
    app.use((_request, response, next) => {
      // A time limit that fires during the directory lookup.
      started.promise.then(() => response.status(504).end()).then(() => responded.resolve());
      next();
    });
    app.use((request, response, next) => {
      outcomes.push(middleware(request, response, next));
    });
    expect(await sendRequest(await listenOnLoopback(app), headers)).toMatchObject({ status: 504 });
    await expect(Promise.all(outcomes)).resolves.toEqual([undefined]);
  });
});

it('requireAgent for Express reads the headers of a request without raw headers, as adapters create it', async () => {
  const request: ExpressRequest = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  let passed = false;
  await createMiddleware()(request, new ServerResponse(request), () => {
    passed = true;
  });
  expect(passed).toBe(true);
  expect(request.agent).toMatchObject({ taskId: 'task-1' });
});

it('getVerifiedAgent refuses an agent of another generation than the one that is asked for', async () => {
  const verified = { agent: await verifier.verify(headers.authorization, { accountId: 'account-1' }) };
  expect(getVerifiedAgent(verified).generation).toBe(1);
  expect(getVerifiedAgent(verified, 1).taskId).toBe('task-1');
  expect(thrownBy(() => getVerifiedAgent(verified, 2))).toMatchObject({
    code: 'invalid_argument',
    message: 'request: expected an agent of generation 2, got one of generation 1',
  });
});
