import { createServer } from 'node:net';
import { readBoundedText, systemErrorCode, withDeadline } from 'agent-identity-core/http';
import type { CommandIo } from '../commands/command-io.js';
import type { Configuration } from '../configuration/configuration.js';
import { type Finding, found, passed } from './finding.js';

interface Port {
  readonly host: string;
  readonly port: number;
  /** A route of the server, and what its answer contains. */
  readonly path: string;
  readonly answer: string;
}

/** Checks that the ports of a server are free, or that an authority serves them already. */
export async function* checkPorts(
  { host, port, basePath, operationsHost, operationsPort }: Configuration,
  { fetch }: CommandIo,
): AsyncGenerator<Finding, void> {
  const ports: readonly Port[] = [
    { host, port, path: `${basePath}/agent-identities/jwks`, answer: '"keys"' },
    { host: operationsHost, port: operationsPort, path: '/healthz', answer: '"alive"' },
  ];
  // Port 0 stands for any.
  for (const each of ports) if (each.port !== 0) yield await checkPort(each, fetch);
}

async function checkPort(each: Port, fetch: typeof globalThis.fetch): Promise<Finding> {
  const address = `${each.host}:${each.port}`;
  const code = await tryListening(each);
  if (code === undefined) return passed('ports', `${address} is free`);
  if (code === 'EADDRINUSE') {
    if (await isAuthority(each, fetch)) return passed('ports', `an authority serves ${address}`);
    const message = `another program listens on ${address}`;
    return found('problem', 'ports', { code: 'port_taken', message });
  }
  return found('problem', 'ports', { code: 'port_refused', message: `${address} cannot be used (${code})` });
}

/** @returns the code of the failure; `undefined` if the port is free */
function tryListening({ host, port }: Port): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemErrorCode(error) ?? 'failure'));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

async function isAuthority(
  { host, port, path, answer }: Port,
  fetch: typeof globalThis.fetch,
): Promise<boolean> {
  // A wildcard is no address to connect to.
  const target = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  try {
    return await withDeadline({ timeoutSeconds: 5 }, async (signal) => {
      const response = await fetch(`http://${target}:${port}${path}`, { redirect: 'error', signal });
      return (await readBoundedText(response, 262_144)).includes(answer);
    });
  } catch {
    return false;
  }
}
