import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { ignoringErrors } from 'agent-identity-core/http';
import type { AllowList, Rule } from './allow-list/allow-list.js';
import type { BrokerLogEntry } from './broker-log-entry.js';
import { ClientPresence } from './exchange/client-presence.js';
import type { ClientSocket } from './exchange/client-socket.js';
import type { Exchange, ExchangeParts, ExchangeRecord } from './exchange/exchange.js';
import { relayResponse } from './exchange/relay-response.js';
import { relayWebSocket } from './exchange/relay-web-socket.js';
import { RequestBody } from './exchange/request-body.js';
import { sendWithCredentials } from './exchange/send-with-credentials.js';
import { readRequestId } from './headers/request-id.js';
import { Refusal } from './refusal.js';

/** The parts of a broker that handle requests. */
export interface RequestHandlerParts extends ExchangeParts {
  readonly allowList: AllowList;
  /** @throws Refusal for a client that may not use the broker */
  readonly requireAccess: (incoming: IncomingMessage) => void;
  readonly onRequest: (entry: BrokerLogEntry) => void;
  readonly monotonicClock: () => number;
  /** **Secret.** */
  readonly accessToken: string | undefined;
}

/** Handles a request, or a handshake if there is a `client`. Never rejects. */
export type RequestHandler = (
  incoming: IncomingMessage,
  response: ServerResponse,
  client?: ClientSocket,
) => Promise<void>;

const internalError = new Refusal('internal_error', 'The broker could not handle the request.');

/** Creates the handler of a broker: access, allow-list, credentials, and then the provider. */
export function createRequestHandler(parts: RequestHandlerParts): RequestHandler {
  return async (incoming, response, client) => {
    const startedAt = parts.monotonicClock();
    const requestId = readRequestId(incoming.headers, parts.accessToken);
    const record: ExchangeRecord = { attempts: 0, requestBytes: 0, responseBytes: 0 };
    let rule: Rule | undefined;
    let refusal: Refusal | undefined;
    const presence = new ClientPresence(response, client?.socket);
    try {
      parts.requireAccess(incoming);
      rule = requireAllowed(incoming, parts.allowList, client !== undefined);
      const target = incoming.url ?? '/';
      await exchangeWith(parts, { incoming, response, requestId, rule, target, presence, record }, client);
    } catch (error) {
      if (!presence.isGone) refusal = error instanceof Refusal ? error : internalError;
      refuse(response, refusal, requestId);
    }
    const entry: BrokerLogEntry = {
      requestId,
      rule: rule?.text,
      status: response.headersSent || refusal !== undefined ? response.statusCode : (record.status ?? 0),
      refusal: refusal?.code,
      attempts: record.attempts,
      requestBytes: record.requestBytes,
      responseBytes: record.responseBytes,
      providerRequestId: record.providerRequestId,
      milliseconds: parts.monotonicClock() - startedAt,
    };
    ignoringErrors(() => parts.onRequest(entry));
  };
}

/** @throws Refusal `request_not_allowed` */
function requireAllowed(
  { method = '', url = '', headers }: IncomingMessage,
  allowList: AllowList,
  isHandshake: boolean,
): Rule {
  const [path = ''] = url.split('?', 1);
  // Node takes every request with an Upgrade header for a handshake.
  const isWebSocket =
    isHandshake && method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody(headers);
  const rule = isHandshake === isWebSocket ? allowList(isWebSocket ? 'WEBSOCKET' : method, path) : undefined;
  if (rule === undefined || url.includes('#')) {
    throw new Refusal('request_not_allowed', 'No rule of the broker allows this method and path.');
  }
  return rule;
}

function hasBody({ 'content-length': length, 'transfer-encoding': coding }: IncomingHttpHeaders): boolean {
  return coding !== undefined || Number(length ?? 0) > 0;
}

async function exchangeWith(
  parts: RequestHandlerParts,
  exchange: Exchange,
  client: ClientSocket | undefined,
): Promise<void> {
  const { incoming, record } = exchange;
  const body = new RequestBody(incoming, parts);
  try {
    const final = await sendWithCredentials(exchange, parts, { body, isHandshake: client !== undefined });
    if (exchange.presence.isGone) {
      final.head.destroy();
    } else if (client !== undefined && final.head.socket !== undefined) {
      record.status = 101;
      await relayWebSocket(exchange, parts, final, client);
    } else {
      await relayResponse(exchange, parts, final.head);
      body.drain();
    }
  } finally {
    record.requestBytes += body.receivedBytes;
    body.forget();
  }
}

/** Answers with a refusal, unless a response has begun or the client has left. */
function refuse(response: ServerResponse, refusal: Refusal | undefined, requestId: string): void {
  if (response.headersSent || refusal === undefined) {
    response.destroy();
    return;
  }
  const { code, message, status } = refusal;
  const body = JSON.stringify({ error: { code, message } });
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId,
    // The rest of the request is not read.
    connection: 'close',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  });
  response.end(body);
}
