import type { ServerResponse } from 'node:http';
import { createResponseHeaders } from '../headers/response-headers.js';
import { Refusal } from '../refusal.js';
import type { Exchange, ExchangeParts } from './exchange.js';
import type { UpstreamResponse } from './upstream-response.js';

/**
 * Passes a response on to the client: its status, headers and body as they came, compressed or not. The provider is read
 * only as fast as the client reads. Resolves when the response is over.
 *
 * @throws Refusal `response_too_large` before anything was sent
 */
export function relayResponse(
  exchange: Exchange,
  parts: ExchangeParts,
  head: UpstreamResponse,
): Promise<void> {
  const { response, requestId, record } = exchange;
  const { maxResponseBytes, isStopping } = parts;
  const toClientLocation = (location: string) => parts.toClientLocation(location, exchange.target);
  const length = head.header('content-length');
  if (Number(length ?? 0) > maxResponseBytes) {
    head.destroy();
    throw new Refusal('response_too_large', `Responses are limited to ${maxResponseBytes} bytes.`);
  }
  record.providerRequestId = readProviderRequestId(head);
  const others = isStopping() ? ['Connection', 'close'] : [];
  const headers = createResponseHeaders(head, { requestId, others, toClientLocation });
  response.writeHead(head.status, head.statusMessage, headers as never);
  // An event stream may be silent for long after its headers.
  if (length === undefined) response.flushHeaders();
  return streamBody(head, response, (bytes) => {
    record.responseBytes += bytes;
    return record.responseBytes <= maxResponseBytes;
  });
}

function streamBody(
  head: UpstreamResponse,
  response: ServerResponse,
  isWithinLimit: (bytes: number) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    response.on('close', () => {
      head.destroy();
      resolve();
    });
    response.on('drain', () => head.resume());
    head.readBy({
      data(chunk) {
        if (!isWithinLimit(chunk.length)) response.destroy();
        else if (!response.write(chunk)) head.pause();
      },
      end(isWhole) {
        // A body that was cut off must not look whole to the client.
        if (isWhole) response.end();
        else response.destroy();
      },
    });
  });
}

function readProviderRequestId(head: UpstreamResponse): string | undefined {
  const id = head.header('x-request-id');
  return id !== undefined && /^[\w.:-]{1,128}$/.test(id) ? id : undefined;
}
