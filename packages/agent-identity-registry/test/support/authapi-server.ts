import type { ServerResponse } from 'node:http';
import { type LoopbackServer, loopbackServer, type RecordedRequest, type Reply } from 'test-support';

/** A reply to send, or a function that writes the response itself. */
export type AuthapiReply = Reply | ((response: ServerResponse, request: RecordedRequest) => void);

export interface AuthapiServer extends LoopbackServer {
  /** `http://127.0.0.1:…/api/accounts` */
  readonly baseUrl: string;
}

/** Serves one reply per request, and repeats the last one, until the test is over. */
export async function authapiServer(...replies: readonly AuthapiReply[]): Promise<AuthapiServer> {
  let count = 0;
  const server = await loopbackServer((request, response) => {
    count += 1;
    const reply = replies[Math.min(count, replies.length) - 1] ?? {};
    if (typeof reply !== 'function') return reply;
    reply(response, request);
    return undefined;
  });
  return { ...server, baseUrl: `${server.origin}/api/accounts` };
}
