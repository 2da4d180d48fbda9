/**
 * A gateway: it forwards requests to one service, signed by one of several agents in turn. An agent that was revoked is
 * dropped, and the others go on. Bodies stream both ways.
 *
 * Your gateway decides who may use it before it calls this. For one agent, `startBroker` is a gateway that does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isAgentIdentityError } from 'agent-identity-core';
import { credentialHeaderNames, providerFetch, type ResolvedProviderAuth } from 'provider-auth';

/** Headers that concern one connection (RFC 9110 section 7.6.1), and what `fetch` sets itself. */
const notForwarded = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te'],
  ...['trailer', 'transfer-encoding', 'upgrade', 'host', 'content-length', 'expect', 'cookie'],
];

/**
 * Creates the listener of the gateway.
 *
 * @param agents Each from `await resolveProviderAuth({ auth: await loadAuth({ record }), provider })`.
 * @param serviceUrl The URL of the service, such as `https://api.example.com`; the base URL of the provider, or above it.
 */
export function createGateway(
  agents: readonly ResolvedProviderAuth[],
  serviceUrl: string,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { origin } = new URL(serviceUrl);
  let active = agents;
  return async (request, response) => {
    const url = new URL(request.url ?? '/', serviceUrl);
    // The target of a request may be a URL of another host.
    if (url.origin !== origin) return refuse(response, 400, 'expected a path');
    const [agent, ...others] = active;
    if (agent === undefined) return refuse(response, 503, 'no agent is active');
    if (!agent.covers(url)) return refuse(response, 404, 'the service has no such path');
    active = [...others, agent];
    try {
      await forward(request, response, agent, url);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const isRevoked = isAgentIdentityError(error, 'agent_runtime_deleted', 'invalid_agent_runtime_id');
      if (!isRevoked) return refuse(response, 502, 'the service did not answer');
      active = active.filter((other) => other !== agent);
      // A body that was sent cannot be sent again: the client repeats its request, and another agent signs.
      refuse(response, 503, 'the agent was revoked; try again');
    }
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  agent: ResolvedProviderAuth,
  url: URL,
): Promise<void> {
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const answer = await providerFetch(agent)(url, {
    method: request.method ?? 'GET',
    headers: forwarded(request),
    redirect: 'manual',
    signal: abort.signal,
    ...(hasBody(request) && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
  });
  // Throws if the service has just said that the agent was revoked.
  if (answer.status === 403) agent.credentialsFor(url);
  response.writeHead(answer.status, returned(answer));
  if (answer.body === null) response.end();
  else await pipeline(Readable.fromWeb(answer.body as never), response);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Without the client's credentials, and without what its `Connection` header names. */
function forwarded({ headers }: IncomingMessage): Headers {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const dropped = new Set([...notForwarded, ...named, ...credentialHeaderNames]);
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !dropped.has(name));
  return new Headers(kept.map(([name, value]) => [name, [value].flat().join(', ')]));
}

/** `fetch` has decoded the body. Cookies of the service are credentials of the agents. */
function returned({ headers }: { readonly headers: Headers }): [string, string][] {
  const dropped = new Set([...notForwarded, 'content-encoding', 'set-cookie']);
  return [...headers].filter(([name]) => !dropped.has(name));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  response.end(JSON.stringify({ error: { message } }));
}
