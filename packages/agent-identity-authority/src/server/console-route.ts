import { type ConsoleFile, consoleHeaders, readConsoleFiles } from 'agent-identity-console';
import { isLoopbackHost } from 'agent-identity-core/http';
import type { Configuration } from '../configuration/configuration.js';
import type { Authenticators } from '../configuration/open-authenticators.js';
import { programError } from '../errors.js';

/** Returns the response to a request for the console; `undefined` for every other request. */
export type ConsoleRoute = (request: Request) => Response | undefined;

/** @throws AgentIdentityError `invalid_configuration` for a console that nobody could sign in to */
export function requireAdministratorsForConsole(
  { console }: Configuration,
  { administrators }: Pick<Authenticators, 'administrators'>,
): void {
  if (!console.enabled || administrators !== undefined) return;
  throw programError(
    'invalid_configuration',
    'console.enabled: expected a token or an issuer of administrators with it, got neither',
  );
}

/** Reads the files of the console, which `/console/` then serves; nothing without `console.enabled`. */
export async function openConsoleRoute({ console, basePath }: Configuration): Promise<ConsoleRoute> {
  if (!console.enabled) return () => undefined;
  const files = await readConsoleFiles();
  const prefix = `${basePath.replace(/\/+$/, '')}/console`;
  const hosts = new Set(console.hosts?.map((host) => host.toLowerCase()));
  return (request) => {
    const { pathname, hostname } = new URL(request.url);
    if (pathname !== prefix && !pathname.startsWith(`${prefix}/`)) return undefined;
    if (!isLoopbackHost(hostname) && !hosts.has(hostname)) {
      return refuse(421, 'misdirected_request', 'The console is not served to this host: see console.hosts.');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(405, 'method_not_allowed', 'This route takes GET, HEAD.', { allow: 'GET, HEAD' });
    }
    // The pages refer to each other by relative URLs.
    if (pathname === prefix) {
      return new Response(null, { status: 308, headers: { ...consoleHeaders, location: `${prefix}/` } });
    }
    const file = files.get(pathname.slice(prefix.length + 1) || 'index.html');
    return file === undefined ? refuse(404, 'not_found', 'There is no such route.') : sendFile(file);
  };
}

function sendFile({ bytes, contentType, isImmutable }: ConsoleFile): Response {
  const cacheControl = isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  const headers = { ...consoleHeaders, 'content-type': contentType, 'cache-control': cacheControl };
  return new Response(Uint8Array.from(bytes), { headers });
}

function refuse(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(
    { error: { code, message } },
    { status, headers: { ...consoleHeaders, 'cache-control': 'no-store', ...headers } },
  );
}
