import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Listens on a free port of loopback until the test is over; returns the origin, `http://127.0.0.1:…`. */
export async function listenOnLoopback(server: Server | RequestListener): Promise<string> {
  const listening = typeof server === 'function' ? createServer(server) : server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    listening.closeAllConnections();
    await new Promise((resolve) => listening.close(resolve));
  });
  return originOf(listening);
}

/** Returns an origin on loopback that refuses connections. */
export async function closedOrigin(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = originOf(server);
  await new Promise((resolve) => server.close(resolve));
  return origin;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
