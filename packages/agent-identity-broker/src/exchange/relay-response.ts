import type { IncomingMessage, ServerResponse } from 'node:http';
import { createResponseHeaders } from '../headers/response-headers.js';
import { Refusal } from '../refusal.js';
import type { Exchange, ExchangeParts } from './exchange.js';
import type { FinalResponse } from './send-with-credentials.js';

/**
 * Passes a response on to the client: its status, headers and body as they came, compressed or not. The provider is read
 * only as fast as the client reads. Resolves when the response is over.
 *
 * @throws Refusal `response_too_large` before anything was sent
 */
export function relayResponse(
  exchange: Exchange,
  parts: ExchangeParts,
  { head, peeked }: FinalResponse,
): Promise<void> {
  const { response, requestId, record } = exchange;
  const { maxResponseBytes, toClientLocation, isStopping } = parts;
  const length = head.headers['content-length'];
  if (Number(length ?? 0) > maxResponseBytes) {
    head.destroy();
    throw new Refusal('response_too_large', `Responses are limited to ${maxResponseBytes} bytes.`);
  }
  record.providerRequestId = readProviderRequestId(head);
  const others = isStopping() ? ['Connection', 'close'] : [];
  const headers = createResponseHeaders(head, { requestId, others, toClientLocation });
  response.writeHead(head.statusCode ?? 502, head.statusMessage ?? '', headers as never);
  // An event stream may be silent for long after its headers.
  if (length === undefined) response.flushHeaders();
  const send = (chunk: Buffer) => {
    record.responseBytes += chunk.length;
    if (record.responseBytes > maxResponseBytes) destroyBoth(head, response);
    else if (!response.write(chunk)) head.pause();
  };
  for (const chunk of peeked?.chunks ?? []) send(chunk);
  return streamBody(head, response, send);
}

function streamBody(
  head: IncomingMessage,
  response: ServerResponse,
  send: (chunk: Buffer) => void,
): Promise<void> {
  return new Promise((resolve) => {
    response.on('close', () => {
      if (!head.complete) head.destroy();
      resolve();
    });
    if (head.readableEnded) {
      response.end();
      return;
    }
    response.on('drain', () => head.resume());
    head.on('data', send);
    head.on('end', () => response.end());
    head.on('error', () => {});
    // A body that was cut off must not look whole to the client.
    head.on('close', () => {
      if (!head.complete) response.destroy();
    });
    if (!response.writableNeedDrain) head.resume();
    if (head.destroyed && !head.complete) response.destroy();
  });
}

function destroyBoth(head: IncomingMessage, response: ServerResponse): void {
  head.destroy();
  response.destroy();
}

function readProviderRequestId({ headers }: IncomingMessage): string | undefined {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? id : undefined;
}
