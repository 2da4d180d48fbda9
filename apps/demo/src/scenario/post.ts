import { type RecordedExchange, recordingFetch } from './recording-fetch.js';

/** A response and its description for the timeline. */
export interface Exchange extends RecordedExchange {
  readonly status: number;
  readonly text: string;
}

export async function post(url: string, headers: Record<string, string>, body: object): Promise<Exchange> {
  const { fetch, lastExchange } = recordingFetch();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, ...lastExchange() };
}

/** The `error.code` of a refusal. */
export function errorCode(body: string): unknown {
  return JSON.parse(body)?.error?.code;
}
