/** A call of `fetch`, read as `fetch` reads it: the members of `init` take priority over those of a `Request`. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  /** The caller's headers, including credentials. */
  readonly headers: Headers;
  /** `init.body`, of any type that `fetch` takes. */
  readonly body: unknown;
  /** The body of a `Request`, unless `init` has one. */
  readonly requestBody: ReadableStream<unknown> | undefined;
  readonly signal: AbortSignal | null | undefined;
  readonly redirect: Request['redirect'];
  /**
   * Returns the first argument for `fetch`: the caller's `Request` at first, if it is of the runtime's class, because it
   * may carry more than its members show.
   */
  target(destination: Destination): string | Request;
  /** Returns the members of `init` that pass through, and those of a `Request` that is not passed on itself. */
  inherited(destination: Destination): RequestInit;
}

/** Where a request goes: the caller's URL, or that of a redirect. */
export interface Destination {
  readonly url: URL;
  /** How many redirects led here. */
  readonly redirects: number;
}

/**
 * Reads the arguments of `fetch`.
 *
 * @returns `undefined` for arguments that only `fetch` itself can handle: a relative URL, or a `Request` that was used
 */
export function readOutgoingRequest(input: unknown, init: RequestInit): OutgoingRequest | undefined {
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
        : { ...standardMembers(request), ...init },
  };
}

/** Returns the URL that `fetch` uses for a `Request` of the runtime, even if its member `url` was overwritten. */
function urlOfRequest(input: unknown): string | undefined {
  try {
    return Reflect.get(globalThis.Request.prototype, 'url', input);
  } catch {
    return undefined;
  }
}

/**
 * Whether the input has the shape of a `Request`, but another class, such as that of node-fetch. It is not known how
 * `fetch` would read it, so at the provider's URLs its URL and members are passed on instead.
 */
function isForeignRequest(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input;
}

/** All members that are not read one by one above. */
function standardMembers(request: Request): RequestInit {
  const { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy } = request;
  const members = { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy };
  return members as RequestInit;
}
