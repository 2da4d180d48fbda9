import { verificationError } from '../errors.js';

/** The request that a proxy asks about. */
export interface ForwardedRequest {
  readonly method: string;
  /** In lower case, without the port and a final dot; `undefined` if it is no host name or address. */
  readonly host: string | undefined;
  /** Without the query. */
  readonly path: string;
}

/**
 * Reads the request that a proxy asks about from `X-Forwarded-Method`, `X-Forwarded-Host` and `X-Forwarded-Uri`.
 *
 * @throws AgentIdentityError `invalid_forwarded_request` if one is missing: the proxy is not configured as documented
 */
export function readForwardedRequest(headers: Headers): ForwardedRequest {
  const [method, host, uri] = ['x-forwarded-method', 'x-forwarded-host', 'x-forwarded-uri'].map((name) => {
    const value = headers.get(name);
    if (value) return value;
    throw verificationError(
      'invalid_forwarded_request',
      `the proxy sent no ${name}; configure it as docs/verifier.md shows`,
    );
  }) as [string, string, string];
  const [path = ''] = uri.split('?', 1);
  return { method, host: readHost(host), path };
}

/** Proxies pass on what the client wrote: `Example.com.:443` is the host `example.com`. */
function readHost(text: string): string | undefined {
  const host = text.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return /^(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/.test(host) ? host : undefined;
}
