import { withCredentials, withoutOriginBound } from '../request/credential-headers.js';
import type { ProviderCredentials } from '../request/request-credentials.js';
import type { ResolvedProviderAuth } from '../resolved-provider-auth.js';
import { answerOfResponse } from './answer-of-response.js';
import type { OutgoingRequest, Place } from './outgoing-request.js';
import { becomesGet, maxRedirects, redirectFailed, redirectTarget, withoutBodyHeaders } from './redirect.js';
import { type RepeatableBody, repeatableBody } from './repeatable-body.js';

/** One request on its way: where it stands after redirects and repeats. */
export interface Passage extends Place {
  readonly method: string;
  /** The caller's. */
  readonly headers: Headers;
  readonly body: RepeatableBody;
  /** `undefined` once a redirect has led out of the provider, and for good. */
  readonly credentials: ProviderCredentials | undefined;
}

/** What stays the same on the way. */
export interface PassageContext {
  readonly request: OutgoingRequest;
  readonly resolved: ResolvedProviderAuth;
  readonly fetch: typeof globalThis.fetch;
}

/** Sends a request, and again where a redirect or its credentials ask for it, and gives the answer to the last one. */
export async function passThrough(start: Passage, context: PassageContext): Promise<Response> {
  let passage = start;
  try {
    for (;;) {
      const response = await send(passage, context);
      const next = await nextPassage(passage, response, context);
      if (next === undefined) return passage.redirects === 0 ? response : markRedirected(response);
      discard(response);
      passage = next;
    }
  } finally {
    await start.body.finish();
  }
}

function send(passage: Passage, { request, fetch }: PassageContext): Promise<Response> {
  const { method, headers, body, credentials } = passage;
  const init = {
    ...request.inherited(passage),
    method,
    headers: credentials === undefined ? headers : withCredentials(headers, credentials.headers),
    body: body.open(),
    redirect: request.redirect === 'follow' ? 'manual' : request.redirect,
    signal: request.signal,
    ...(body.isStream && { duplex: 'half' }),
  };
  return fetch(request.target(passage), init as RequestInit);
}

async function nextPassage(
  passage: Passage,
  response: Response,
  { request, resolved }: PassageContext,
): Promise<Passage | undefined> {
  const url = request.redirect === 'follow' ? redirectTarget(response, passage.url) : undefined;
  if (url !== undefined) return redirectedPassage(passage, { status: response.status, url }, resolved);
  const { signal } = request;
  const credentials = await passage.credentials?.afterAnswer(answerOfResponse(response), { signal });
  return credentials !== undefined && passage.body.canRepeat ? { ...passage, credentials } : undefined;
}

function redirectedPassage(
  { redirects, method, headers, body, credentials }: Passage,
  { status, url }: { readonly status: number; readonly url: URL },
  resolved: ResolvedProviderAuth,
): Passage {
  if (redirects === maxRedirects) throw redirectFailed(`expected no more than ${maxRedirects} in a row`);
  const staysInside = credentials !== undefined && resolved.covers(url);
  const kept = staysInside ? headers : withoutOriginBound(headers, Object.keys(credentials?.headers ?? {}));
  const next = {
    url,
    redirects: redirects + 1,
    credentials: staysInside ? credentials.forRedirect(url) : undefined,
  };
  if (becomesGet(status, method)) {
    return { ...next, method: 'GET', headers: withoutBodyHeaders(kept), body: repeatableBody(undefined) };
  }
  if (!body.canRepeat) throw redirectFailed(`the body cannot be sent again, as status ${status} asks for`);
  return { ...next, method, headers: kept, body };
}

/** Lets go of an answer that nobody will read. Not waited for: a copy of it may still be read. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** As `fetch` marks an answer that it followed redirects to. */
function markRedirected(response: Response): Response {
  return Object.defineProperty(response, 'redirected', { value: true });
}
