import {
  createSingleFlight,
  type HttpEffects,
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  resolveEffects,
} from 'agent-identity-core/http';
import { holdsPlaceholder, withoutPlaceholder } from '../credentials/credential-headers.js';
import { type DefineProviderOptions, defineProvider } from '../provider/define-provider.js';
import { isProvider, type Provider } from '../provider/provider.js';
import { isProviderUrl } from '../provider/provider-url.js';
import { resolveProviderAuth } from '../provider/resolve-provider-auth.js';
import type { ResolvedProviderAuth } from '../provider/resolved-provider-auth.js';
import { isSessionAuth, type SessionAuth } from '../session/session-auth.js';
import { type OutgoingRequest, readOutgoingRequest } from './outgoing-request.js';
import { openRequestBody } from './request-body.js';
import { sendFollowingRedirects } from './send-following-redirects.js';

/** Effects of {@link providerFetch}. */
export type ProviderFetchEffects = Pick<HttpEffects, 'fetch'>;

/**
 * Creates a `fetch` that authenticates the requests to one provider (docs/protocol.md section 10). Pass it to any SDK that
 * takes a `fetch`.
 *
 * - With the result of `loadAuth` and a provider, the credentials are resolved at the first request to the provider, once
 *   for all concurrent requests. After a failure, the next request tries again.
 * - Credentials go to the provider's origin, at its path and below, and nowhere else. There they replace the caller's own
 *   credentials, such as the API key of an SDK. Requests to other URLs are sent unchanged.
 * - Each attempt is signed again. If a 401 says that the task is invalid, the task is replaced, once for all concurrent
 *   requests, and the request is retried once. If the local clock is off, the request is retried once with the server's
 *   time. Any other response, and the response to a body that cannot be sent again, is returned unchanged.
 * - Redirects are followed as `fetch` follows them, with fresh credentials inside the provider. Once a redirect leaves the
 *   provider, no credentials and no cookies are sent any more.
 *
 * The returned function rejects like `fetch`, and with an `AgentIdentityError`: `redirect_failed` where `fetch` has a
 * network error; `agent_runtime_deleted` or `invalid_agent_runtime_id` after the run has ended; the codes of
 * `resolveProviderAuth`; and those of chatgpt-auth if a token could not be refreshed.
 *
 * @throws AgentIdentityError `invalid_argument`, and the codes of `defineProvider`
 * @example
 * ```ts
 * import { loadAuth, providerFetch } from 'provider-auth';
 *
 * async function ask(jwt: string) {
 *   const auth = await loadAuth({ jwt });
 *   const baseUrl = 'https://chatgpt.com/backend-api/codex';
 *   const fetch = providerFetch(auth, { kind: 'first_party', baseUrl });
 *   return fetch(`${baseUrl}/responses`, { method: 'POST', body: '{}' });
 * }
 * ```
 */
export function providerFetch(
  auth: SessionAuth,
  provider: Provider | DefineProviderOptions,
  effects?: ProviderFetchEffects,
): typeof globalThis.fetch;
/** Creates a `fetch` with credentials that are resolved already. */
export function providerFetch(
  resolved: ResolvedProviderAuth,
  effects?: ProviderFetchEffects,
): typeof globalThis.fetch;
export function providerFetch(
  authOrResolved: SessionAuth | ResolvedProviderAuth,
  providerOrEffects?: Provider | DefineProviderOptions | ProviderFetchEffects,
  lazyEffects?: ProviderFetchEffects,
): typeof globalThis.fetch {
  if (isSessionAuth(authOrResolved)) {
    const given = providerOrEffects as Provider | DefineProviderOptions;
    const provider = isProvider(given) ? given : defineProvider(given);
    return authenticatedFetch(resolveLazily(authOrResolved, provider), lazyEffects);
  }
  const methods = ['covers', 'prepare', 'credentialsFor'];
  requireMethods(authOrResolved, methods, 'auth', 'the result of loadAuth or resolveProviderAuth');
  if (lazyEffects !== undefined) {
    throw invalidArgument('effects', 'them as the second argument, after resolved credentials', lazyEffects);
  }
  const target = {
    covers: (url: URL) => authOrResolved.covers(url),
    resolve: async () => authOrResolved,
  };
  return authenticatedFetch(target, providerOrEffects as ProviderFetchEffects | undefined);
}

/** A provider whose credentials may not be resolved yet. */
interface Target {
  covers(url: URL): boolean;
  resolve(signal: AbortSignal | null | undefined): Promise<ResolvedProviderAuth>;
}

function resolveLazily(auth: SessionAuth, provider: Provider): Target {
  const baseUrl = new URL(provider.baseUrl);
  const flights = createSingleFlight<ResolvedProviderAuth>({ whenAbandoned: 'finish' });
  let resolved: ResolvedProviderAuth | undefined;
  return {
    covers: (url) => isProviderUrl(baseUrl, url),
    async resolve(signal) {
      resolved ??= await flights.join('', () => resolveProviderAuth({ auth, provider }), signal);
      return resolved;
    },
  };
}

function authenticatedFetch(target: Target, effects: ProviderFetchEffects = {}): typeof globalThis.fetch {
  requireKnownOptions(effects, ['fetch'], 'effects');
  const { fetch } = resolveEffects(effects);
  const isRuntimeFetch = effects.fetch === undefined;
  return async (input, init) => {
    const request = readOutgoingRequest(input, init ?? {});
    if (request === undefined) return fetch(input, init);
    if (!target.covers(request.url)) return fetch(input, withoutPlaceholderIn(request, init));
    return fetchCovered(request, target, { fetch, isRuntimeFetch });
  };
}

async function fetchCovered(
  request: OutgoingRequest,
  target: Target,
  { fetch, isRuntimeFetch }: { readonly fetch: typeof globalThis.fetch; readonly isRuntimeFetch: boolean },
): Promise<Response> {
  const { url, method, headers, signal } = request;
  const body = await openRequestBody(request, { isRuntimeFetch });
  try {
    const resolved = await target.resolve(signal);
    await resolved.prepare({ signal });
    const credentials = resolved.credentialsFor(url);
    if (!credentials.mayRetry) body.disableReplay();
    const first = { url, method, headers, credentials, redirects: 0, body };
    const response = await sendFollowingRedirects(first, { request, resolved, fetch });
    body.finish();
    return response;
  } catch (error) {
    body.cancel(error);
    throw error;
  }
}

function withoutPlaceholderIn(
  { headers }: OutgoingRequest,
  init: RequestInit | undefined,
): RequestInit | undefined {
  return holdsPlaceholder(headers) ? { ...init, headers: withoutPlaceholder(headers) } : init;
}
