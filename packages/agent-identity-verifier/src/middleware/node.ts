import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { invalidArgument, requireKnownOptions, requireMethods, startTimer } from 'agent-identity-core/http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerificationFailureResponse } from '../verification-failure-response.js';
import type { VerifiedAgent } from '../verified-agent.js';
import type { BearerCaller, Caller } from './caller.js';
import { createAgentAuthenticator, createRequestAuthenticator } from './create-request-authenticator.js';
import { type MiddlewareOptions, middlewareOptionNames, type OrBearerOptions } from './middleware-options.js';
import { readNodeRequest, sendRefusal } from './node-request.js';

export type { BearerCaller, Caller } from './caller.js';
export type { Decision, DecisionAgent } from './decision.js';
export type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';

/** Options for `requireAgent` and `requireAgentOnUpgrade`. */
export interface RequireAgentOptions<Agent extends VerifiedAgent = VerifiedAgent>
  extends MiddlewareOptions<IncomingMessage, [], Agent> {}

/** Options for `requireAgent` that also accepts bearer tokens. */
export interface RequireAgentOrBearerOptions<
  Agent extends VerifiedAgent = VerifiedAgent,
  Bearer extends BearerCaller = BearerCaller,
> extends RequireAgentOptions<Agent>,
    OrBearerOptions<IncomingMessage, [], Bearer> {
  readonly orBearer: NonNullable<OrBearerOptions<IncomingMessage, [], Bearer>['orBearer']>;
}

/** Handles a request of a verified agent or of the holder of a bearer token. */
export type CallerRequestListener<
  Agent extends VerifiedAgent = VerifiedAgent,
  Bearer extends BearerCaller = BearerCaller,
> = (request: IncomingMessage, response: ServerResponse, caller: Caller<Agent, Bearer>) => unknown;

/** Handles a request of a verified agent. */
export type AgentRequestListener<Agent extends VerifiedAgent = VerifiedAgent> = (
  request: IncomingMessage,
  response: ServerResponse,
  agent: Agent,
) => unknown;

/**
 * Creates a request listener for `node:http` that calls yours for verified agents, and answers every other request with
 * `verificationFailureResponse`. Answer CORS preflights before you call it: they have no assertion. The client address for
 * the replay limiter is the address of the socket, which behind a proxy is the address of the proxy. With `orBearer`, the third
 * argument is a `Caller`.
 *
 * @returns a listener whose promise rejects with the error that your listener throws
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { requireAgent } from 'agent-identity-verifier/node';
 *
 * const createService = (verifier: AssertionVerifier) =>
 *   createServer(requireAgent(verifier, (_request, response, { accountId }) => response.end(accountId)));
 * ```
 */
export function requireAgent<Agent extends VerifiedAgent, Bearer extends BearerCaller>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  listener: CallerRequestListener<Agent, Bearer>,
  options: RequireAgentOrBearerOptions<Agent, Bearer>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
export function requireAgent<Agent extends VerifiedAgent>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  listener: AgentRequestListener<Agent>,
  options?: RequireAgentOptions<Agent>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
export function requireAgent<Agent extends VerifiedAgent>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  listener: (request: IncomingMessage, response: ServerResponse, who: never) => unknown,
  options: RequireAgentOptions<Agent> & OrBearerOptions<IncomingMessage> = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  if (typeof listener !== 'function') throw invalidArgument('listener', 'a function', listener);
  const authenticate = createRequestAuthenticator(verifier, options, readRequest);
  return async (request, response) => {
    const caller = await authenticate(request);
    if (caller.refusal !== undefined) return sendRefusal(response, caller.refusal);
    await listener(request, response, (options.orBearer === undefined ? caller.agent : caller) as never);
  };
}

/**
 * Handles a WebSocket handshake of a verified agent, for example with `handleUpgrade` of `ws`.
 *
 * @param ended Aborts when the agent is no longer active: close the WebSocket, for example with code 1008 (policy violation).
 * The socket is destroyed right after that.
 */
export type AgentUpgradeListener<Agent extends VerifiedAgent = VerifiedAgent> = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  agent: Agent,
  ended: AbortSignal,
) => unknown;

/**
 * Does the same for the server's `upgrade` event: agents send an assertion with each WebSocket handshake (docs/protocol.md
 * section 10, docs/protocol-instances.md section 4). A refusal is written to the socket, which is then closed. A connection
 * ends with its agent; see `watch` of `AssertionVerifier`. It has no `orBearer`: nothing would end the connection of a token.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import type { Server } from 'node:http';
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { type AgentUpgradeListener, requireAgentOnUpgrade } from 'agent-identity-verifier/node';
 *
 * function acceptWebSockets(server: Server, verifier: AssertionVerifier, accept: AgentUpgradeListener): void {
 *   server.on('upgrade', requireAgentOnUpgrade(verifier, accept));
 * }
 * ```
 */
export function requireAgentOnUpgrade<Agent extends VerifiedAgent>(
  verifier: AssertionVerifier<Agent>,
  listener: AgentUpgradeListener<Agent>,
  options: RequireAgentOptions<Agent> = {},
): (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void> {
  if (typeof listener !== 'function') throw invalidArgument('listener', 'a function', listener);
  requireMethods(verifier as unknown, ['verify', 'watch'], 'verifier', 'an AssertionVerifier');
  requireKnownOptions(options, middlewareOptionNames, 'options');
  const authenticate = createAgentAuthenticator(verifier, options, readRequest);
  return async (request, socket, head) => {
    // Node removes its own error listener before the event, and an unhandled error ends the process.
    socket.on('error', ignoreSocketError);
    const { agent, refusal } = await authenticate(request);
    if (refusal !== undefined) return refuseUpgrade(socket, refusal);
    if (socket.destroyed) return;
    socket.off('error', ignoreSocketError);
    await listener(request, socket, head, agent, endWithAgent(socket, verifier, agent));
  };
}

/** How long a closed WebSocket may take to send what it has written. */
const closingMilliseconds = 100;

function endWithAgent<Agent extends VerifiedAgent>(
  socket: Duplex,
  verifier: AssertionVerifier<Agent>,
  agent: Agent,
): AbortSignal {
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  const ended = verifier.watch(agent, { signal: closed.signal });
  // The listener's own reaction comes first.
  const end = () => startTimer(closingMilliseconds, () => socket.destroy());
  ended.addEventListener('abort', end, { once: true });
  return ended;
}

function readRequest(request: IncomingMessage) {
  return readNodeRequest(request, request.socket.remoteAddress);
}

function ignoreSocketError(): void {}

function refuseUpgrade(socket: Duplex, { status, headers, body }: VerificationFailureResponse): void {
  const text = JSON.stringify(body);
  const fields = { ...headers, connection: 'close', 'content-length': Buffer.byteLength(text) };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${text}`);
}
