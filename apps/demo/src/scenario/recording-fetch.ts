import { parseAgentAssertion, parseInstanceAssertion } from 'agent-identity-core';
import { shorten } from '../timeline/shorten.js';

/** One request and its response, described for the timeline. */
export interface RecordedExchange {
  /** For example `POST /v1/responses → 200`. */
  readonly summary: string;
  readonly sent: string;
  readonly received: string;
}

/** A `fetch` that records requests and responses with shortened secrets. */
export interface RecordingFetch {
  readonly fetch: typeof globalThis.fetch;
  readonly exchanges: readonly RecordedExchange[];
  lastExchange(): RecordedExchange;
}

export function recordingFetch(): RecordingFetch {
  const exchanges: RecordedExchange[] = [];
  return {
    exchanges,
    async fetch(input, init) {
      const request = new Request(input, init);
      const { method, url, headers } = request;
      const body = shortenBody(await request.clone().text());
      const response = await fetch(request);
      const type = response.headers.get('content-type') ?? '';
      exchanges.push({
        summary: `${method} ${new URL(url).pathname} → ${response.status}`,
        sent: [`${method} ${url}`, ...credentials(headers), body].filter(Boolean).join('\n'),
        received: `${`${response.status} ${type}`.trim()}\n${shortenBody(await response.clone().text())}`,
      });
      return response;
    },
    lastExchange() {
      const last = exchanges.at(-1);
      if (last === undefined) throw new Error('nothing was sent');
      return last;
    },
  };
}

function credentials(headers: Headers): string[] {
  const authorization = headers.get('authorization');
  const assertion = headers.get('x-openai-agent-assertion');
  const accountId = headers.get('chatgpt-account-id');
  return [
    ...(authorization === null ? [] : describeAuthorization(authorization)),
    ...(assertion === null ? [] : describeInstanceAssertion('x-openai-agent-assertion', assertion)),
    ...(accountId === null ? [] : [`ChatGPT-Account-ID: ${accountId}`]),
  ];
}

/** Describes the header value, and the content of an assertion. */
function describeAuthorization(authorization: string): string[] {
  if (!authorization.startsWith('AgentAssertion ')) return [`Authorization: ${shorten(authorization)}`];
  if (authorization.startsWith('AgentAssertion 1.')) {
    return describeInstanceAssertion('Authorization', authorization);
  }
  const { agentRuntimeId, taskId, timestamp, signature } = parseAgentAssertion(authorization);
  return [
    `Authorization: ${shorten(authorization, 28)}`,
    `  decoded: ${agentRuntimeId}, ${taskId},`,
    `  ${timestamp}, signature ${shorten(signature)}`,
  ];
}

function describeInstanceAssertion(name: string, value: string): string[] {
  const { runtimeAgentInstanceId, id, signature } = parseInstanceAssertion(value);
  return [
    `${name}: ${shorten(value, 20)}`,
    `  decoded: ${runtimeAgentInstanceId},`,
    `  id ${id}, signature ${shorten(signature)}`,
  ];
}

/** Shortens long values of a JSON body; describes an event stream by its number of events and the first and last one. */
function shortenBody(body: string): string {
  if (body === '') return '';
  const events = body.match(/^event: .*$/gm);
  if (events !== null) return `${events.length} events, from "${events[0]}" to "${events.at(-1)}"`;
  try {
    return JSON.stringify(JSON.parse(body), (name, value) =>
      typeof value === 'string' && (value.length > 80 || name === 'authorization' || name === 'credential')
        ? shorten(value)
        : value,
    );
  } catch {
    return shorten(body);
  }
}
