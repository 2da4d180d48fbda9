/**
 * undici with agent identity: an interceptor that sets the headers of each request to the provider, for `request`,
 * `stream` and whatever else goes through the dispatcher. For `fetch`, prefer `providerFetch`, which also recovers from
 * an invalid task: `providerFetch(resolved, { fetch: (input, init) => undici.fetch(input, { ...init, dispatcher }) })`.
 */
import type { ResolvedProviderAuth } from 'provider-auth';
import type { Dispatcher } from 'undici';

export function providerAuthInterceptor(
  resolved: ResolvedProviderAuth,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const url = new URL(options.path, options.origin);
    if (!resolved.covers(url)) return dispatch(options, handler);
    // Access tokens may have to be refreshed first; for agent assertions nothing is waited for.
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

/** The caller's headers, in whichever form undici was given them, with ours in place of any of the same name. */
function withHeaders(
  given: Dispatcher.DispatchOptions['headers'],
  ours: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  const names = new Set(Object.keys(ours).map((name) => name.toLowerCase()));
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

/** There is no request to control when none was sent. */
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
