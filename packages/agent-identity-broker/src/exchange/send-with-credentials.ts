import type { IncomingMessage } from 'node:http';
import { isAgentIdentityError } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import type { ProviderCredentials } from 'provider-auth';
import { createRequestHeaders } from '../headers/request-headers.js';
import { Refusal } from '../refusal.js';
import type { Exchange, ExchangeParts } from './exchange.js';
import { decodeErrorBody, type PeekedBody, peekBody } from './peeked-body.js';
import type { RequestBody } from './request-body.js';
import type { UpstreamResponse } from './upstream.js';

/** The final response of the provider. */
export interface FinalResponse extends UpstreamResponse {
  /** What was read of the body already. */
  readonly peeked: PeekedBody | undefined;
  readonly credentials: ProviderCredentials;
}

/**
 * Sends a client's request with the credentials of the run. If the provider refuses them in a way that other credentials
 * mend, such as those of a replaced task, it sends the request again (docs/protocol.md section 10).
 *
 * @param handshake The headers that ask for another protocol, names and values by turns.
 * @throws Refusal
 */
export async function sendWithCredentials(
  exchange: Exchange,
  parts: ExchangeParts,
  { body, handshake = [] }: { body: RequestBody; handshake?: readonly string[] },
): Promise<FinalResponse> {
  const framing = [...body.framing, ...handshake];
  let credentials = await openCredentials(exchange, parts);
  for (;;) {
    if (!credentials.mayRetry) body.forget();
    const sent = await sendOnce(exchange, parts, { credentials, framing, body });
    const { next, peeked } = await judge(sent.head, credentials, exchange.signal);
    if (next === undefined || !body.canReplay || sent.upgraded !== undefined) {
      body.forget();
      return { ...sent, peeked, credentials };
    }
    body.pause();
    sent.head.destroy();
    credentials = next;
  }
}

async function openCredentials(
  { target, signal }: Exchange,
  { resolved, origin }: ExchangeParts,
): Promise<ProviderCredentials> {
  return orUnavailable(signal, async () => {
    await resolved.prepare({ signal });
    // Also throws for a URL that is not the provider's.
    return resolved.webSocketHeaders(`${origin}${target}`);
  });
}

async function sendOnce(
  { incoming, target, requestId, signal, record }: Exchange,
  { upstream }: ExchangeParts,
  attempt: { credentials: ProviderCredentials; framing: readonly string[]; body: RequestBody },
): Promise<UpstreamResponse> {
  const { credentials, framing, body } = attempt;
  const { host } = upstream;
  record.attempts += 1;
  return upstream.send({
    method: incoming.method ?? 'GET',
    target,
    headers: createRequestHeaders(incoming, { host, requestId, credentials: credentials.headers, framing }),
    start(request) {
      const abort = () => request.destroy();
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      body.sendTo(request);
    },
  });
}

/** Lets the credentials judge the response. Reads its body only if they ask for it. */
async function judge(head: IncomingMessage, credentials: ProviderCredentials, signal: AbortSignal) {
  let peeked: PeekedBody | undefined;
  const next = await orUnavailable(signal, () =>
    credentials.afterResponse(
      {
        status: head.statusCode ?? 0,
        date: head.headers.date,
        async body() {
          peeked = await peekBody(head);
          return decodeErrorBody(head, peeked);
        },
      },
      { signal },
    ),
  );
  return { next, peeked };
}

/** @throws Refusal `credentials_unavailable`, with the code of the error and nothing else of it */
async function orUnavailable<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (signal.aborted) throw error;
    const isKnown = isAgentIdentityError(error);
    const code = isKnown ? error.code : (systemErrorCode(error) ?? 'unknown error');
    const isRetryable = isKnown && (error as { retryable?: unknown }).retryable === true;
    const message = `The run has no credentials for this request: ${code}.`;
    throw new Refusal('credentials_unavailable', message, isRetryable ? 503 : 502);
  }
}
