import { createServer } from 'node:http';
import { invalidArgument, systemErrorCode } from 'agent-identity-core/http';
import { brokerError } from '../errors.js';
import type { BrokerMetrics } from '../metrics.js';

/**
 * Serves the metrics at `/metrics` on 127.0.0.1.
 *
 * @returns ends it
 * @throws AgentIdentityError `cannot_listen`, `invalid_argument`
 */
export async function serveMetrics(metrics: BrokerMetrics, port: number): Promise<() => void> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalidArgument('--metrics-port', 'a port', port);
  }
  const server = createServer(async ({ method, url, headers }, response) => {
    const isKnown = url === '/metrics' && (method === 'GET' || method === 'HEAD');
    // A page under a name that was rebound to loopback must not read them.
    const isLoopback = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/i.test(headers.host ?? '');
    if (!isKnown || !isLoopback) return void response.writeHead(isKnown ? 403 : 404).end();
    const { text, contentType } = await metrics.format();
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        brokerError(
          'cannot_listen',
          `--metrics-port: ${systemErrorCode(error) ?? 'the port cannot be used'}`,
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
