import { isAgentIdentityError } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import type { ProviderCredentials } from 'provider-auth';
import { createRequestHeaders } from '../headers/request-headers.js';
import { Refusal } from '../refusal.js';
import type { Exchange, ExchangeParts } from './exchange.js';
import { readErrorBody } from './read-error-body.js';
import type { RequestBody } from './request-body.js';
import type { UpstreamResponse } from './upstream-response.js';

/** The final response of the provider, and the credentials that it answers. */
export interface FinalResponse {
  readonly head: UpstreamResponse;
  readonly credentials: ProviderCredentials;
}

/**
 * Sends a client's request with the credentials of the run. If the provider refuses them in a way that other credentials
 * mend, such as those of a replaced task, it sends the request again (docs/protocol.md section 10).
 *
 * @throws Refusal
 */
export async function sendWithCredentials(
  exchange: Exchange,
  parts: ExchangeParts,
  { body, isHandshake }: { body: RequestBody; isHandshake: boolean },
): Promise<FinalResponse> {
  let credentials = await openCredentials(exchange, parts);
  for (;;) {
    if (!credentials.mayRetry) body.forget();
    const head = await sendOnce(exchange, parts, { credentials, isHandshake, body });
    const next = await judge(head, credentials);
    if (next === undefined || !body.canReplay || head.socket !== undefined) {
      body.forget();
      return { head, credentials };
    }
    body.pause();
    head.destroy();
    credentials = next;
  }
}

async function openCredentials(
  { target }: Exchange,
  { resolved, origin }: ExchangeParts,
): Promise<ProviderCredentials> {
  return orUnavailable(async () => {
    await resolved.prepare();
    // Also throws for a URL that is not the provider's.
    return resolved.webSocketHeaders(`${origin}${target}`);
  });
}

function sendOnce(
  { incoming, target, requestId, presence, record }: Exchange,
  { upstream }: ExchangeParts,
  attempt: { credentials: ProviderCredentials; isHandshake: boolean; body: RequestBody },
): Promise<UpstreamResponse> {
  const { credentials, isHandshake, body } = attempt;
  const { host } = upstream;
  record.attempts += 1;
  const added = { host, requestId, credentials: credentials.headers, contentLength: body.length };
  return upstream.send({
    method: incoming.method ?? 'GET',
    target,
    headers: createRequestHeaders(incoming, added),
    body: body.open(),
    isHandshake,
    presence,
  });
}

/** Lets the credentials judge the response. Reads its body only if they ask for it. */
function judge(
  head: UpstreamResponse,
  credentials: ProviderCredentials,
): Promise<ProviderCredentials | undefined> {
  const { status } = head;
  const response = { status, date: head.header('date'), body: () => readErrorBody(head) };
  return orUnavailable(() => credentials.afterResponse(response));
}

/** @throws Refusal `credentials_unavailable`, with the code of the error and nothing else of it */
async function orUnavailable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isKnown = isAgentIdentityError(error);
    const code = isKnown ? error.code : (systemErrorCode(error) ?? 'unknown error');
    const isRetryable = isKnown && (error as { retryable?: unknown }).retryable === true;
    const message = `The run has no credentials for this request: ${code}.`;
    throw new Refusal('credentials_unavailable', message, isRetryable ? 503 : 502);
  }
}
