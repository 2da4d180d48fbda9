/** A call of `fetch`, read as `fetch` itself reads it: the members of `init` before those of a `Request`. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  /** The caller's, credentials included. */
  readonly headers: Headers;
  /** `init.body`, of any kind that `fetch` takes. */
  readonly body: unknown;
  /** The body of a `Request`, unless `init` has one. */
  readonly requestBody: ReadableStream<unknown> | undefined;
  readonly signal: AbortSignal | null | undefined;
  readonly redirect: Request['redirect'];
  /** What to call `fetch` with: at first the caller's `Request`, if it is of the runtime's class, since it may carry more than can be read from it. */
  target(place: Place): string | Request;
  /** The members of `init` that concern nobody here, and those of the `Request` where that is not handed on. */
  inherited(place: Place): RequestInit;
}

/** Where a request goes: where the caller sent it, or where a redirect did. */
export interface Place {
  readonly url: URL;
  readonly redirects: number;
}

/**
 * @returns `undefined` where only `fetch` itself knows what to do: for a URL that is not absolute, or a `Request` that
 * was used
 */
export function readOutgoingRequest(input: unknown, init: RequestInit = {}): OutgoingRequest | undefined {
  const ownUrl = urlOfRequest(input);
  const request = ownUrl !== undefined || isForeignRequest(input) ? (input as Request) : undefined;
  const href = ownUrl ?? String(request?.url ?? input);
  const requestBody = (init.body ?? undefined) === undefined ? (request?.body ?? undefined) : undefined;
  if (!URL.canParse(href) || (requestBody !== undefined && request?.bodyUsed)) return undefined;
  return {
    url: new URL(href),
    method: init.method ?? request?.method ?? 'GET',
    headers: new Headers(init.headers ?? request?.headers),
    body: init.body ?? undefined,
    requestBody,
    signal: init.signal === undefined ? request?.signal : init.signal,
    redirect: init.redirect ?? request?.redirect ?? 'follow',
    target: ({ url, redirects }) =>
      request === undefined || ownUrl === undefined || redirects > 0 ? url.href : request,
    inherited: ({ redirects }) =>
      request === undefined || (ownUrl !== undefined && redirects === 0)
        ? init
        : { ...membersOf(request), ...init },
  };
}

/** The URL that `fetch` would send a `Request` of the runtime to, whatever its member `url` says; `undefined` if it is none. */
function urlOfRequest(input: unknown): string | undefined {
  try {
    return Reflect.get(globalThis.Request.prototype, 'url', input);
  } catch {
    return undefined;
  }
}

/**
 * By its shape: other implementations than the runtime's have a class of their own. What `fetch` would make of it is
 * not known, so it is never handed on at the provider's URLs: its URL and its members are.
 */
function isForeignRequest(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input;
}

/** All but those that are read one by one above. */
function membersOf(request: Request): RequestInit {
  const { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy } = request;
  const members = { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy };
  return members as RequestInit;
}
