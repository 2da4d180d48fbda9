import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerificationFailureResponse } from '../verification-failure-response.js';
import type { VerifiedAgent } from '../verified-agent.js';
import { judgeRequest, type MiddlewareOptions } from './judge-request.js';
import { readNodeRequest } from './read-node-request.js';
import { writeRefusal } from './write-refusal.js';

export type { MiddlewareOptions } from './judge-request.js';

/** Handles a request of a verified agent. */
export type AgentRequestListener = (
  request: IncomingMessage,
  response: ServerResponse,
  agent: VerifiedAgent,
) => unknown;

/**
 * A request listener for `node:http` that hands verified agents to yours, and answers everybody else with
 * `verificationFailureResponse`. The abuse guard counts the address of the socket, which behind a proxy is the proxy's.
 *
 * @returns a listener whose promise rejects with what yours throws, as an async listener of its own would
 */
export function requireAgent(
  verifier: AssertionVerifier,
  listener: AgentRequestListener,
  options: MiddlewareOptions<IncomingMessage> = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { agent, refusal } = await judgeRequest(verifier, request, readRequest, options);
    if (agent === undefined) return writeRefusal(response, refusal);
    await listener(request, response, agent);
  };
}

/** Handles a WebSocket handshake of a verified agent, such as by the `handleUpgrade` of `ws`. */
export type AgentUpgradeListener = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  agent: VerifiedAgent,
) => unknown;

/**
 * The same for the server's `upgrade` event: agents send an assertion with each WebSocket handshake (docs/protocol.md section
 * 10). A refusal is written to the socket, which is then closed.
 */
export function requireAgentOnUpgrade(
  verifier: AssertionVerifier,
  listener: AgentUpgradeListener,
  options: MiddlewareOptions<IncomingMessage> = {},
): (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void> {
  return async (request, socket, head) => {
    // Node takes its own listener away before the event, and an error that nobody hears ends the process.
    socket.on('error', ignore);
    const { agent, refusal } = await judgeRequest(verifier, request, readRequest, options);
    if (agent === undefined) return refuseUpgrade(socket, refusal);
    if (socket.destroyed) return;
    socket.off('error', ignore);
    await listener(request, socket, head, agent);
  };
}

const readRequest = (request: IncomingMessage) => readNodeRequest(request, request.socket.remoteAddress);

function ignore(): void {}

function refuseUpgrade(socket: Duplex, { status, headers, body }: VerificationFailureResponse): void {
  const text = JSON.stringify(body);
  const fields = { ...headers, connection: 'close', 'content-length': Buffer.byteLength(text) };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${text}`);
}
