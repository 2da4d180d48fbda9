import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.js';

/** Checks the headers that browsers set and pages cannot change. */
export type BrowserCheck = (incoming: IncomingMessage) => void;

/**
 * Creates the check against web pages: a page that a browser shows on this machine can send requests to loopback, and a
 * name of its own can resolve to loopback (DNS rebinding).
 *
 * - `Host` must be a loopback name with the broker's port. On a Unix socket, which browsers cannot reach, it is free.
 * - `Origin`, if there is one, must be the broker's own (RFC 6454 section 7).
 * - `Sec-Fetch-Site`, if there is one, must be `same-origin` (W3C Fetch Metadata section 2.3).
 *
 * @param port `undefined` for a Unix socket
 */
export function createBrowserCheck(port: number | undefined): BrowserCheck {
  const names = port === undefined ? ['localhost'] : ['127.0.0.1', 'localhost', '[::1]'];
  const hosts = new Set(names.map((name) => (port === undefined || port === 80 ? name : `${name}:${port}`)));
  return ({ headers, rawHeaders }) => {
    const host = headers.host?.toLowerCase() ?? '';
    if ((port !== undefined && !hosts.has(host)) || countHosts(rawHeaders) > 1) {
      throw new Refusal('host_not_allowed', 'Host: expected a loopback name with the port of the broker.');
    }
    const { origin } = headers;
    const isOwnOrigin = origin === undefined || (hosts.has(host) && origin === `http://${host}`);
    const site = headers['sec-fetch-site'];
    if (!isOwnOrigin || (site !== undefined && site !== 'same-origin')) {
      throw new Refusal('browser_request', 'The broker refuses requests of web pages.');
    }
  };
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
