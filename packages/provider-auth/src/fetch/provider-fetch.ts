import { describeType } from 'agent-identity-core';
import type { HttpEffects } from 'agent-identity-core/http';
import { requireEffects } from '../argument.js';
import { providerAuthError } from '../errors.js';
import { holdsPlaceholder, withoutPlaceholder } from '../request/credential-headers.js';
import type { ProviderCredentials } from '../request/request-credentials.js';
import type { ResolvedProviderAuth } from '../resolved-provider-auth.js';
import { withRuntimeEffects } from '../runtime-effects.js';
import { type OutgoingRequest, readOutgoingRequest } from './outgoing-request.js';
import { passThrough } from './passage.js';
import { repeatableBody, repeatableRequestBody, snapshotOf, unkeptBody } from './repeatable-body.js';

/** What `providerFetch` may be given in place of the runtime's own. */
export type ProviderFetchEffects = Pick<HttpEffects, 'fetch'>;

/**
 * A `fetch` that authenticates requests to one provider, to be given to any SDK that takes one (docs/protocol.md section 10).
 *
 * - Credentials go to the provider's origin, at its path and below, and nowhere else. There they replace whatever
 *   credentials the caller had set, such as the API key of an SDK; at any other URL the request goes out as it is.
 * - Each attempt is signed afresh. A 401 that says the task is invalid has the task replaced, once for all who wait,
 *   and the request repeated once; one that comes of a clock that is off is repeated once by the server's time. Any
 *   other answer, and that of a body that cannot be sent again, is returned as it came.
 * - Redirects are followed as `fetch` does it. Credentials are made anew for the provider's own URLs; once a redirect
 *   has led out of the provider, none are sent any more, nor the cookies and credentials of the caller.
 *
 * It rejects as `fetch` does; besides, with an `AgentIdentityError`: `redirect_failed` where `fetch` has a network
 * error, `agent_runtime_deleted` or `invalid_agent_runtime_id` once the run has ended, and the codes of chatgpt-auth where a
 * token could not be refreshed.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function providerFetch(
  resolved: ResolvedProviderAuth,
  effects: ProviderFetchEffects = {},
): typeof globalThis.fetch {
  if (typeof resolved?.credentialsFor !== 'function') {
    throw providerAuthError(
      'invalid_argument',
      `resolved: expected what resolveProviderAuth gives, got ${describeType(resolved)}`,
    );
  }
  requireEffects(effects);
  const { fetch } = withRuntimeEffects(effects);
  return async (input, init) => {
    const request = readOutgoingRequest(input, init);
    if (request === undefined) return fetch(input, init);
    if (!resolved.covers(request.url)) return fetch(input, withoutPlaceholderIn(request, init));
    return fetchCovered(request, resolved, fetch);
  };
}

async function fetchCovered(
  request: OutgoingRequest,
  resolved: ResolvedProviderAuth,
  fetch: typeof globalThis.fetch,
): Promise<Response> {
  const { url, method, headers, requestBody } = request;
  const given = snapshotOf(request.body); // before anything is waited for
  const credentials = await credentialsFor(request, resolved);
  const { mayRepeat } = credentials;
  const requestBodyNow = requestBody && (await repeatableRequestBody(requestBody, mayRepeat));
  const body = requestBodyNow ?? (mayRepeat ? repeatableBody(given) : unkeptBody(given));
  const start = { url, method, headers, credentials, redirects: 0, body };
  return passThrough(start, { request, resolved, fetch });
}

/** Where there are none, nothing is sent, and whoever makes the body is told. */
async function credentialsFor(
  { url, body, requestBody, signal }: OutgoingRequest,
  resolved: ResolvedProviderAuth,
): Promise<ProviderCredentials> {
  try {
    await resolved.prepare({ signal });
    return resolved.credentialsFor(url);
  } catch (error) {
    const stream = body instanceof ReadableStream ? body : requestBody;
    stream?.cancel(error).catch(() => {}); // one that is locked is somebody else's
    throw error;
  }
}

function withoutPlaceholderIn(
  { headers }: OutgoingRequest,
  init: RequestInit | undefined,
): RequestInit | undefined {
  return holdsPlaceholder(headers) ? { ...init, headers: withoutPlaceholder(headers) } : init;
}
