/**
 * undici with agent identity: an interceptor sets the headers of each request to the provider, for `request`, `stream` and
 * everything else that uses the dispatcher. For `fetch`, prefer `providerFetch`, which also replaces a task that is gone:
 * `providerFetch(resolved, { fetch: (input, init) => undici.fetch(input, { ...init, dispatcher }) })`.
 */
import { credentialHeaderNames, type ResolvedProviderAuth } from 'provider-auth';
import type { Dispatcher } from 'undici';

export function providerAuthInterceptor(
  resolved: ResolvedProviderAuth,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const url = urlOf(options);
    if (url === undefined || !resolved.covers(url)) return dispatch(options, handler);
    // A ChatGPT access token may have to be refreshed first. Agent assertions need no wait.
    resolved
      .prepare()
      .then(() => {
        const headers = withHeaders(options.headers, resolved.credentialsFor(url).headers);
        dispatch({ ...options, headers }, handler);
      })
      .catch((error) => handler.onResponseError?.(noController, error));
    return true;
  };
}

/**
 * Returns the URL that undici requests: the origin with the path as it is written. `undefined` if a URL of the two would
 * differ: a path may be a whole URL, or change when it is normalized.
 */
function urlOf({ origin, path }: Dispatcher.DispatchOptions): URL | undefined {
  if (origin === undefined || !URL.canParse(path, String(origin))) return undefined;
  const url = new URL(path, origin);
  const isAsWritten = url.origin === new URL(origin).origin && url.pathname + url.search === path;
  return isAsWritten ? url : undefined;
}

/** Returns the caller's headers, in any form that undici takes, with our credentials instead of the caller's. */
function withHeaders(
  given: Dispatcher.DispatchOptions['headers'],
  ours: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  const names = new Set([...credentialHeaderNames, ...Object.keys(ours).map((name) => name.toLowerCase())]);
  for (const [name, value] of pairsOf(given)) {
    if (value !== undefined && !names.has(name.toLowerCase())) result[name] = value;
  }
  return { ...result, ...ours };
}

function pairsOf(given: Dispatcher.DispatchOptions['headers']): [string, string | string[] | undefined][] {
  if (given === null || given === undefined) return [];
  if (Array.isArray(given)) {
    return given.flatMap((name, i) => (i % 2 === 0 ? [[String(name), given[i + 1]]] : []));
  }
  return Symbol.iterator in given ? [...given] : Object.entries(given);
}

/** No request was sent, so there is nothing to control. */
const noController: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  rawHeaders: null,
  rawTrailers: null,
  abort: () => {},
  pause: () => {},
  resume: () => {},
};
