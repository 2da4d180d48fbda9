import { cancelBody } from 'agent-identity-core/http';
import { withCredentials, withoutOriginBound } from '../credentials/credential-headers.js';
import type { ProviderCredentials } from '../credentials/provider-credentials.js';
import type { ResolvedProviderAuth } from '../provider/resolved-provider-auth.js';
import type { Destination, OutgoingRequest } from './outgoing-request.js';
import { becomesGet, maxRedirects, redirectFailed, redirectTarget, withoutBodyHeaders } from './redirect.js';
import type { RequestBody } from './request-body.js';
import { toProviderResponse } from './to-provider-response.js';

/** One request of several that a call of `fetch` may send, because of redirects and retries. */
export interface Hop extends Destination {
  readonly method: string;
  /** The caller's headers. */
  readonly headers: Headers;
  /** `undefined` after a redirect to a GET. */
  readonly body: RequestBody | undefined;
  /** `undefined` once a redirect has left the provider, for the rest of the call. */
  readonly credentials: ProviderCredentials | undefined;
}

/** The values that all hops of a call share. */
export interface CallContext {
  readonly request: OutgoingRequest;
  readonly resolved: ResolvedProviderAuth;
  readonly fetch: typeof globalThis.fetch;
}

/** Sends a request, follows its redirects, retries it if its credentials say so, and returns the last response. */
export async function sendFollowingRedirects(first: Hop, context: CallContext): Promise<Response> {
  let hop = first;
  for (;;) {
    const response = await send(hop, context);
    const next = await findNextHop(hop, response, context).catch((error: unknown) => {
      cancelBody(response);
      throw error;
    });
    if (next === undefined) return hop.redirects === 0 ? response : markRedirected(response);
    cancelBody(response);
    hop = next;
  }
}

function send(hop: Hop, { request, fetch }: CallContext): Promise<Response> {
  const { method, headers, body, credentials } = hop;
  const init = {
    ...request.inherited(hop),
    method,
    headers: credentials === undefined ? headers : withCredentials(headers, credentials.headers),
    body: body?.open(),
    redirect: request.redirect === 'follow' ? 'manual' : request.redirect,
    signal: request.signal,
    ...(body?.isStream && { duplex: 'half' }),
  };
  return fetch(request.target(hop), init as RequestInit);
}

async function findNextHop(
  hop: Hop,
  response: Response,
  { request, resolved }: CallContext,
): Promise<Hop | undefined> {
  const url = request.redirect === 'follow' ? redirectTarget(response, hop.url) : undefined;
  const { signal } = request;
  if (url !== undefined) {
    if (hop.credentials !== undefined && resolved.covers(url)) await resolved.prepare({ signal });
    return redirectHop(hop, { status: response.status, url }, resolved);
  }
  const credentials = await hop.credentials?.afterResponse(toProviderResponse(response), { signal });
  const canRetry = hop.body === undefined || hop.body.canReplay;
  return credentials !== undefined && canRetry ? { ...hop, credentials } : undefined;
}

function redirectHop(
  { redirects, method, headers, body, credentials }: Hop,
  { status, url }: { readonly status: number; readonly url: URL },
  resolved: ResolvedProviderAuth,
): Hop {
  if (redirects === maxRedirects) throw redirectFailed(`expected no more than ${maxRedirects} in a row`);
  const staysInside = credentials !== undefined && resolved.covers(url);
  const kept = staysInside ? headers : withoutOriginBound(headers, Object.keys(credentials?.headers ?? {}));
  const next = {
    url,
    redirects: redirects + 1,
    credentials: staysInside ? credentials.forRedirect() : undefined,
  };
  if (becomesGet(status, method)) {
    return { ...next, method: 'GET', headers: withoutBodyHeaders(kept), body: undefined };
  }
  if (body !== undefined && !body.canReplay) {
    throw redirectFailed(`the body cannot be sent again, as status ${status} requires`);
  }
  return { ...next, method, headers: kept, body };
}

/** Marks a response like `fetch` does after redirects. */
function markRedirected(response: Response): Response {
  return Object.defineProperty(response, 'redirected', { value: true });
}
