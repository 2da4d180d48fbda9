import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type {
  DirectoryAgentRuntime,
  DirectoryAgentTask,
  DirectoryRuntimeAgentInstance,
} from 'agent-identity-verifier/directory-wire';
import { listenOnLoopback } from 'test-support';

export const directoryToken = 'directory-token-8f2c';

/** The directory endpoint of an authority, on loopback. Its content can be changed at any time. */
export interface DirectoryServer {
  readonly origin: string;
  readonly requests: readonly IncomingMessage[];
  /** The requested paths, followed by the status unless it was 200. */
  readonly log: readonly string[];
  runtime: DirectoryAgentRuntime | undefined;
  task: DirectoryAgentTask | undefined;
  instance?: DirectoryRuntimeAgentInstance | undefined;
  /** Headers of every response. */
  headers: Record<string, string>;
  /** Handles all requests while it is set. */
  override: RequestListener | undefined;
  /** Handles requests for the stream of changes; without it, there is none. */
  stream?: RequestListener | undefined;
}

export async function directoryServer(
  known: Pick<DirectoryServer, 'runtime' | 'task' | 'instance'>,
): Promise<DirectoryServer> {
  const requests: IncomingMessage[] = [];
  const log: string[] = [];
  const origin = await listenOnLoopback((request, response) => {
    const isStream = request.url?.startsWith('/v1/directory/changes');
    if (isStream && server.stream) return server.stream(request, response);
    requests.push(request);
    response.once('finish', () => {
      log.push(response.statusCode === 200 ? `${request.url}` : `${request.url} ${response.statusCode}`);
    });
    (server.override ?? respond)(request, response);
  });
  const respond: RequestListener = (request, response) => {
    const { status, body } = contentFor(server, request);
    const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;
    const isUnchanged = status === 200 && request.headers['if-none-match'] === etag;
    response.writeHead(isUnchanged ? 304 : status, {
      'content-type': 'application/json',
      ...(status === 200 && { etag }),
      ...server.headers,
    });
    response.end(isUnchanged ? undefined : JSON.stringify(body));
  };
  const server: DirectoryServer = { origin, requests, log, headers: {}, override: undefined, ...known };
  return server;
}

function contentFor({ runtime, task, instance }: DirectoryServer, request: IncomingMessage) {
  if (request.headers.authorization !== `Bearer ${directoryToken}`) {
    return { status: 401, body: errorBody('invalid_access_token') };
  }
  const [, instanceId] = /^\/v1\/directory\/instances\/([^/]+)$/.exec(request.url ?? '') ?? [];
  if (instanceId !== undefined) {
    return decodeURIComponent(instanceId) === instance?.runtime_agent_instance_id
      ? { status: 200, body: instance }
      : { status: 404, body: errorBody('runtime_agent_instance_not_found') };
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
