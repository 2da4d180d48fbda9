import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { systemErrorCode } from 'agent-identity-core/http';
import type { AgentDirectory } from '../agent-directory.js';
import { createAssertionVerifier } from '../create-assertion-verifier.js';
import { describeError } from '../create-failure-reporter.js';
import { verificationError } from '../errors.js';
import { fileDirectory } from '../file-directory/index.js';
import { type ForwardAuthOptions, forwardAuth } from '../forward-auth/index.js';
import { remoteDirectory } from '../remote-directory/index.js';
import { toNodeListener } from './node-listener.js';
import { readSettingFile, type VerifierSettings } from './verifier-settings.js';

/** A running program. */
export interface ForwardAuthServer {
  readonly url: string;
  /** Answers running requests, and stops. */
  stop(): Promise<void>;
}

/** Writes one line of the log. Nothing in an entry is secret. */
export type WriteLog = (entry: Readonly<Record<string, unknown>>) => void;

const path = '/v1/forward-auth';

/**
 * Serves `forwardAuth` at `/v1/forward-auth`, and `/healthz`.
 *
 * @throws AgentIdentityError `invalid_settings`, `invalid_argument`, `invalid_directory_file`, `insecure_url`, `cannot_listen`
 */
export async function serveForwardAuth(
  settings: VerifierSettings,
  writeLog: WriteLog,
): Promise<ForwardAuthServer> {
  const { listen, generations, accountMatch } = settings;
  const { directory, close } = await openDirectory(settings, writeLog);
  try {
    const onFailure = (error: unknown) => writeLog({ level: 'error', message: describeError(error) });
    const verifier = createAssertionVerifier({ directory, generations, accountMatch, onFailure });
    const handle = forwardAuth(verifier, {
      rules: settings.rules,
      headers: settings.headers,
      onRefusal: () => {},
    } as ForwardAuthOptions);
    const server = createServer(
      { headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 60_000 },
      toNodeListener(createRouter(handle, writeLog)),
    );
    const url = await startListening(server, listen);
    writeLog({ level: 'info', message: 'listening', url });
    return { url, stop: () => stop(server, close) };
  } catch (error) {
    close();
    throw error;
  }
}

function createRouter(
  handle: (request: Request) => Promise<Response>,
  writeLog: WriteLog,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/healthz') return Response.json({ status: 'alive' });
    if (pathname !== path) return Response.json({ error: { code: 'not_found' } }, { status: 404 });
    const startedAt = performance.now();
    const response = await handle(request);
    writeLog({
      level: 'info',
      message: 'answered',
      status: response.status,
      code: response.headers.get('x-agent-error') ?? undefined,
      method: request.headers.get('x-forwarded-method') ?? undefined,
      host: request.headers.get('x-forwarded-host') ?? undefined,
      path: request.headers.get('x-forwarded-uri')?.split('?', 1)[0],
      milliseconds: Math.round((performance.now() - startedAt) * 10) / 10,
    });
    return response;
  };
}

interface OpenDirectory {
  readonly directory: AgentDirectory;
  readonly close: () => void;
}

async function openDirectory(
  { authority, directoryFile = '' }: VerifierSettings,
  writeLog: WriteLog,
): Promise<OpenDirectory> {
  const onFailure = (error: unknown) => writeLog({ level: 'error', message: describeError(error) });
  if (authority === undefined) {
    return { directory: await fileDirectory({ path: directoryFile, onFailure }), close: () => {} };
  }
  const accessToken = await readSettingFile(authority.accessTokenFile, 'authority.accessTokenFile');
  const directory = remoteDirectory({ baseUrl: authority.url, accessToken, follow: true, onFailure });
  return { directory, close: () => directory.close() };
}

async function startListening(server: Server, { host, port }: VerifierSettings['listen']): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw verificationError('cannot_listen', `cannot listen: ${systemErrorCode(error) ?? 'unknown error'}`);
  }
  const { address, family, port: actual } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`;
}

async function stop(server: Server, closeDirectory: () => void): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  closeDirectory();
}
