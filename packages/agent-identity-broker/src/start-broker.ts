import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { resolveProviderAuth } from 'provider-auth';
import { createAccessCheck } from './access/access-token.js';
import { createBrowserCheck } from './access/browser-check.js';
import { parseAllowList } from './allow-list/allow-list.js';
import { ClientSocket } from './exchange/client-socket.js';
import { KeptBytes } from './exchange/kept-bytes.js';
import { createUpstream } from './exchange/upstream.js';
import { createRequestHandler, type RequestHandler } from './handle-request.js';
import { listen } from './listen.js';
import { Refusal } from './refusal.js';
import { type Broker, closeGracefully, createBroker } from './running-broker.js';
import {
  type BrokerSettings,
  resolveBrokerOptions,
  type StartBrokerEffects,
  type StartBrokerOptions,
} from './start-broker-options.js';

/**
 * Starts a signing broker: a reverse proxy on loopback or on a Unix socket that adds the credentials of an agent's run to the
 * requests of any program. The agent's key and tokens stay in this process.
 *
 * A client may send what the allow-list names, to one provider, and nothing else. Its own credentials and cookies are removed. A
 * task that is gone is replaced, and the request is sent again (docs/protocol.md section 10). Bodies stream in both
 * directions, with back-pressure and unchanged.
 *
 * @throws AgentIdentityError `invalid_argument`, `rule_outside_provider`, `unsafe_socket`, `cannot_listen`, and the codes of
 * `resolveProviderAuth`
 * @example
 * ```ts
 * import { startBroker } from 'agent-identity-broker';
 * import { defineProvider, loadAuth } from 'provider-auth';
 *
 * async function serve(jwt: string) {
 *   const broker = await startBroker({
 *     auth: await loadAuth({ jwt }),
 *     provider: defineProvider({ kind: 'first_party', baseUrl: 'https://api.openai.com/v1' }),
 *     allow: ['POST /v1/responses', 'GET /v1/models'],
 *   });
 *   return { OPENAI_BASE_URL: broker.baseUrl, OPENAI_API_KEY: broker.accessToken };
 * }
 * ```
 */
export async function startBroker(
  options: StartBrokerOptions,
  effects: StartBrokerEffects = {},
): Promise<Broker> {
  const settings = resolveBrokerOptions(options, effects);
  const { auth, provider, accessToken } = settings;
  const resolved = await resolveProviderAuth({ auth, provider });
  const providerUrl = new URL(provider.baseUrl);
  const allowList = parseAllowList(settings.allow, provider.baseUrl);
  const upstream = createUpstream(providerUrl, settings);
  const server = createBrokerServer(settings);
  const port = await listen(server, settings);
  const origin = port === undefined ? undefined : `http://${addressOf(settings)}:${port}`;
  let isStopping = false;
  const handle = createRequestHandler({
    ...settings,
    resolved,
    upstream,
    allowList,
    origin: providerUrl.origin,
    toClientLocation: (location, target) =>
      toClientLocation(location, new URL(target, providerUrl), origin ?? ''),
    keptBytes: new KeptBytes(settings.maxKeptBytes),
    requireAccess: createAccess(accessToken, port),
    isStopping: () => isStopping,
  });
  const webSockets = serve(server, handle);
  return createBroker({
    baseUrl: origin === undefined ? undefined : origin + providerUrl.pathname.replace(/\/$/, ''),
    socketPath: options.socketPath,
    accessToken,
    describe: () => resolved.describe(),
    async close(timeoutSeconds) {
      isStopping = true;
      await closeGracefully(server, webSockets, timeoutSeconds);
      upstream.close();
    },
  });
}

function addressOf({ listenOn }: BrokerSettings): string {
  return 'host' in listenOn && listenOn.host === '::1' ? '[::1]' : '127.0.0.1';
}

function createBrokerServer({ maxConnections }: BrokerSettings): Server {
  const server = createServer({
    keepAliveTimeout: 60_000,
    headersTimeout: 10_000,
    connectionsCheckingInterval: 2000,
    // A body may take as long as the provider takes to read it.
    requestTimeout: 0,
    maxHeaderSize: 65_536,
  });
  server.maxConnections = maxConnections;
  // Node would silently drop headers above a count.
  server.maxHeadersCount = 0;
  return server;
}

/** @returns the sockets of handshakes, which Node's server does not know any more */
function serve(server: Server, handle: RequestHandler): ReadonlySet<Socket> {
  const webSockets = new Set<Socket>();
  server.on('request', (incoming, response) => void handle(incoming, response));
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, received: Buffer) => {
    const response = new ServerResponse(incoming);
    response.shouldKeepAlive = false;
    socket.on('error', () => {});
    webSockets.add(socket);
    socket.once('close', () => webSockets.delete(socket));
    response.assignSocket(socket);
    // A client that keeps its side open must not keep the connection.
    response.once('finish', () => socket.end(() => socket.destroy()));
    void handle(incoming, response, new ClientSocket(socket, received));
  });
  return webSockets;
}

/** Creates the check that throws a `Refusal` for a client that may not use the broker. */
function createAccess(
  accessToken: string | undefined,
  port: number | undefined,
): (incoming: IncomingMessage) => void {
  const checkBrowser = createBrowserCheck(port);
  const hasAccessToken = accessToken === undefined ? () => true : createAccessCheck(accessToken);
  return (incoming) => {
    checkBrowser(incoming);
    if (hasAccessToken(incoming.headers)) return;
    throw new Refusal('access_token_required', 'Send the access token of the broker as the API key.');
  };
}

/** A redirect inside the provider leads to the broker again; any other leads out of it, without the broker's credentials. */
function toClientLocation(location: string, requestUrl: URL, brokerOrigin: string): string {
  if (!URL.canParse(location, requestUrl.href)) return location;
  const url = new URL(location, requestUrl);
  return url.origin === requestUrl.origin ? `${brokerOrigin}${url.pathname}${url.search}` : location;
}
