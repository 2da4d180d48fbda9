import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { DirectoryAgentRuntime, DirectoryAgentTask } from 'agent-identity-verifier/directory-wire';
import { listenOnLoopback } from './loopback-server.js';

export const directoryToken = 'directory-token-8f2c';

/** An authority's directory endpoint on loopback. What it knows can be changed at any time. */
export interface DirectoryServer {
  readonly origin: string;
  readonly requests: readonly IncomingMessage[];
  /** What was asked, as `path`, or `path status` where it was not 200. */
  readonly log: readonly string[];
  runtime: DirectoryAgentRuntime | undefined;
  task: DirectoryAgentTask | undefined;
  /** Of every answer. */
  headers: Record<string, string>;
  /** Answers in place of the endpoint while it is set. */
  instead: RequestListener | undefined;
}

export async function directoryServer(
  known: Pick<DirectoryServer, 'runtime' | 'task'>,
): Promise<DirectoryServer> {
  const requests: IncomingMessage[] = [];
  const log: string[] = [];
  const origin = await listenOnLoopback((request, response) => {
    requests.push(request);
    response.once('finish', () => {
      log.push(response.statusCode === 200 ? `${request.url}` : `${request.url} ${response.statusCode}`);
    });
    (server.instead ?? answer)(request, response);
  });
  const answer: RequestListener = (request, response) => {
    const { status, body } = answerTo(server, request);
    const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;
    const isUnchanged = status === 200 && request.headers['if-none-match'] === etag;
    response.writeHead(isUnchanged ? 304 : status, {
      'content-type': 'application/json',
      ...(status === 200 && { etag }),
      ...server.headers,
    });
    response.end(isUnchanged ? undefined : JSON.stringify(body));
  };
  const server: DirectoryServer = { origin, requests, log, headers: {}, instead: undefined, ...known };
  return server;
}

function answerTo({ runtime, task }: DirectoryServer, request: IncomingMessage) {
  if (request.headers.authorization !== `Bearer ${directoryToken}`) {
    return { status: 401, body: errorBody('invalid_access_token') };
  }
  const [agentId, taskId] = idsOf(request);
  if (agentId === undefined) return { status: 404, body: errorBody('not_found') };
  if (taskId === undefined) {
    return agentId === runtime?.agent_runtime_id
      ? { status: 200, body: runtime }
      : { status: 404, body: errorBody('agent_runtime_not_found') };
  }
  return agentId === task?.agent_runtime_id && taskId === task?.task_id
    ? { status: 200, body: task }
    : { status: 404, body: errorBody('task_not_found') };
}

function idsOf({ url = '' }: IncomingMessage): (string | undefined)[] {
  const [, ...ids] = /^\/v1\/directory\/agents\/([^/]+)(?:\/tasks\/([^/]+))?$/.exec(url) ?? [];
  return ids.map((id) => id && decodeURIComponent(id));
}

export function errorBody(code: string): object {
  return { error: { code, message: 'No.' } };
}
