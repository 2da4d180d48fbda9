import type { Clock } from 'agent-identity-core';
import { type HttpEffects, requireSecureUrl, type SecureUrlOptions } from 'agent-identity-core/http';
import type { MaybePromise } from '../agent-directory.js';
import { invalidArgument, requireCount, type VerificationError } from '../errors.js';
import { quietly } from '../quietly.js';

/** How an authority is asked, and how long its answers are relied on. */
export interface RemoteDirectoryOptions extends SecureUrlOptions {
  /** Of the authority; `/v1/directory/agents/…` is put behind it. `https:`, or `http:` to loopback. */
  readonly baseUrl: string | URL;
  /** **Secret.** The bearer token that the authority gave this service; a function is asked at each request. */
  readonly accessToken: string | (() => MaybePromise<string>);
  /**
   * How long an answer is relied on at most, counted from when it was asked for; 5 by default. `max-age` can shorten it.
   * This is how late a revocation may be seen.
   */
  readonly maxCacheSeconds?: number | undefined;
  /** Likewise for "there is none", which a registration ends; 1 by default. */
  readonly maxNegativeCacheSeconds?: number | undefined;
  /**
   * While the authority is out of reach (no connection, no answer in time, 429, 5xx), what it said last is relied on for
   * so much longer; 0 by default, for never. **A revocation cannot be seen during that time.**
   */
  readonly staleIfErrorSeconds?: number | undefined;
  /** How many runtimes are remembered, and how many tasks; 10,000 of each by default. */
  readonly maxCachedEntries?: number | undefined;
  /** Limit of one request, over all: connection, headers, body; 3 by default. */
  readonly timeoutSeconds?: number | undefined;
}

/** What a remote directory may be given in place of the runtime's own. */
export interface RemoteDirectoryEffects extends Pick<HttpEffects, 'fetch'> {
  /** Epoch milliseconds; `Date.now` by default. */
  readonly clock?: Clock | undefined;
  /** Is told of each request that failed, also where an older answer serves on. What it throws is ignored. */
  readonly onFailure?: ((failure: VerificationError) => void) | undefined;
}

export interface CacheLimits {
  readonly maxCacheSeconds: number;
  readonly maxNegativeCacheSeconds: number;
  readonly staleIfErrorSeconds: number;
  readonly maxCachedEntries: number;
}

/** The same, complete. */
export interface RemoteDirectorySettings {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly accessToken: () => MaybePromise<string>;
  readonly timeoutSeconds: number;
  readonly limits: CacheLimits;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly onFailure: (failure: VerificationError) => void;
}

/** @throws AgentIdentityError `insecure_url`, `invalid_argument` */
export function remoteDirectorySettings(
  options: RemoteDirectoryOptions,
  {
    fetch = (input, init) => globalThis.fetch(input, init),
    clock = Date.now,
    onFailure,
  }: RemoteDirectoryEffects,
): RemoteDirectorySettings {
  const { accessToken, timeoutSeconds = 3 } = options;
  requireSeconds('timeoutSeconds', timeoutSeconds);
  if (timeoutSeconds === 0) throw invalidArgument('timeoutSeconds', 'more than 0', timeoutSeconds);
  if (typeof accessToken !== 'function' && !isAccessToken(accessToken)) {
    throw invalidArgument('accessToken', 'a bearer token, or a function that gives one', accessToken);
  }
  return {
    baseUrl: requireBaseUrl(options),
    accessToken: typeof accessToken === 'function' ? accessToken : () => accessToken,
    timeoutSeconds,
    limits: cacheLimits(options),
    fetch,
    clock,
    onFailure: quietly(onFailure),
  };
}

/** A token as RFC 6750 section 2.1 has it: `fetch` quotes any other header value in its error. */
export function isAccessToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\w\-.~+/]+=*$/.test(token);
}

function requireBaseUrl({ baseUrl, ...rules }: RemoteDirectoryOptions): string {
  const url = requireSecureUrl(baseUrl, 'directory base URL', rules);
  if (/[?#]/.test(url.href)) throw invalidArgument('baseUrl', 'no query and no fragment', baseUrl);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function cacheLimits({
  maxCacheSeconds = 5,
  maxNegativeCacheSeconds = 1,
  staleIfErrorSeconds = 0,
  maxCachedEntries = 10_000,
}: RemoteDirectoryOptions): CacheLimits {
  const spans = { maxCacheSeconds, maxNegativeCacheSeconds, staleIfErrorSeconds };
  for (const [name, seconds] of Object.entries(spans)) requireSeconds(name, seconds);
  requireCount('maxCachedEntries', maxCachedEntries, 1);
  return { ...spans, maxCachedEntries };
}

/** A day at most: a directory that is relied on for longer is none. */
function requireSeconds(name: string, seconds: number): void {
  if (!(typeof seconds === 'number' && seconds >= 0 && seconds <= 86_400)) {
    throw invalidArgument(name, 'seconds from 0 to 86400', seconds);
  }
}
