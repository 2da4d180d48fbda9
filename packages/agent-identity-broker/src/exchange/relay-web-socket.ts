import { setMaxListeners } from 'node:events';
import { createResponseHeaders } from '../headers/response-headers.js';
import type { ClientSocket } from './client-socket.js';
import type { Exchange, ExchangeParts } from './exchange.js';
import type { FinalResponse } from './send-with-credentials.js';

/**
 * Connects a client and the provider after their handshake, both ways with back-pressure. Closes both sides when either
 * closes, or when the credentials of the connection end: the client connects again, and gets others. Resolves when closed.
 */
export function relayWebSocket(
  exchange: Exchange,
  parts: ExchangeParts,
  { head, credentials }: FinalResponse,
  client: ClientSocket,
): Promise<void> {
  const { response, requestId, record } = exchange;
  const toClientLocation = (location: string) => parts.toClientLocation(location, exchange.target);
  const { socket: provider } = head;
  if (provider === undefined) throw new TypeError('expected a response to a handshake');
  const { socket: peer } = client;
  const others = ['Connection', 'Upgrade', 'Upgrade', 'websocket'];
  const headers = createResponseHeaders(head, { requestId, toClientLocation, others });
  response.detachSocket(peer as never);
  peer.write(formatHead(headers));
  const early = client.takeEarly();
  if (early.length > 0) provider.write(early);
  return new Promise((resolve) => {
    const closeBoth = () => {
      provider.destroy();
      peer.destroy();
    };
    const { closeSignal } = credentials;
    // All connections of a task share the signal.
    setMaxListeners(0, closeSignal);
    closeSignal.addEventListener('abort', closeBoth, { once: true });
    if (closeSignal.aborted) closeBoth();
    for (const socket of [provider, peer]) {
      socket.on('error', closeBoth);
      socket.on('close', closeBoth);
    }
    peer.on('close', () => {
      closeSignal.removeEventListener('abort', closeBoth);
      resolve();
    });
    peer.on('data', (chunk: Buffer) => {
      record.requestBytes += chunk.length;
    });
    provider.on('data', (chunk: Buffer) => {
      record.responseBytes += chunk.length;
    });
    peer.pipe(provider);
    provider.pipe(peer);
  });
}

function formatHead(headers: readonly string[]): string {
  const lines = ['HTTP/1.1 101 Switching Protocols'];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
