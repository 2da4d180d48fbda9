import { parseAgentAssertion } from 'agent-identity-core';
import { shorten } from '../timeline/shorten.js';

/** A `fetch` that keeps what last went over the wire, with secrets shortened. */
export interface RecordingFetch {
  readonly fetch: typeof globalThis.fetch;
  /** The last exchange, in the words of the timeline. */
  lastExchange(): { readonly sent: string; readonly received: string };
}

export function recordingFetch(): RecordingFetch {
  let exchange = { sent: '', received: '' };
  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      const sent = [
        `${request.method} ${request.url}`,
        ...credentials(request.headers),
        shortenBody(await request.clone().text()),
      ];
      const response = await fetch(request);
      const answer = await response.clone().text();
      exchange = {
        sent: sent.filter(Boolean).join('\n'),
        received: [
          `${response.status} ${response.headers.get('content-type') ?? ''}`.trim(),
          shortenBody(answer),
        ].join('\n'),
      };
      return response;
    },
    lastExchange: () => exchange,
  };
}

function credentials(headers: Headers): string[] {
  const authorization = headers.get('authorization');
  const accountId = headers.get('chatgpt-account-id');
  return [
    ...(authorization === null ? [] : describeAssertion(authorization)),
    ...(accountId === null ? [] : [`ChatGPT-Account-ID: ${accountId}`]),
  ];
}

/** The header value, and what its base64url says. */
function describeAssertion(authorization: string): string[] {
  const { agentRuntimeId, taskId, timestamp, signature } = parseAgentAssertion(authorization);
  return [
    `Authorization: ${shorten(authorization, 28)}`,
    `  which says: ${agentRuntimeId}, under ${taskId},`,
    `  at ${timestamp}, signed ${shorten(signature)}`,
  ];
}

/** A JSON body with its long values shortened; an event stream by the number of its events and its last one. */
function shortenBody(body: string): string {
  const events = body.match(/^event: .*$/gm);
  if (events !== null) return `${events.length} events, from "${events[0]}" to "${events.at(-1)}"`;
  try {
    return JSON.stringify(JSON.parse(body), (_key, value) =>
      typeof value === 'string' ? shorten(value, 40) : value,
    );
  } catch {
    return shorten(body, 40);
  }
}
