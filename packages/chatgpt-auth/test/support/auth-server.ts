import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface RecordedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What is answered to the request of this number, from 1, of its kind. */
type Answer = (request: RecordedRequest, count: number) => Reply | Promise<Reply>;

export interface AuthServer {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly requests: readonly RecordedRequest[];
  readonly counts: Readonly<Record<'runtime' | 'task' | 'refresh', number>>;
}

export interface Answers {
  readonly runtime?: Answer;
  readonly task?: Answer;
  readonly refresh?: Answer;
}

/** An AuthAPI and a token endpoint on loopback, until the test is over. By default every registration works. */
export async function authServer(answers: Answers = {}): Promise<AuthServer> {
  const requests: RecordedRequest[] = [];
  const counts = { runtime: 0, task: 0, refresh: 0 };
  const all: Required<Answers> = {
    runtime: (_request, count) => ({ body: { agent_runtime_id: `runtime-${count}` } }),
    task: (_request, count) => ({ body: { task_id: `task-${count}` } }),
    refresh: () => ({ status: 404 }),
    ...answers,
  };
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const request = { path: incoming.url ?? '', headers: incoming.headers, body };
    requests.push(request);
    const kind = kindOfPath(request.path);
    counts[kind] += 1;
    const reply = await all[kind](request, counts[kind]);
    outgoing.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    outgoing.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl: `${origin}/authapi`, tokenUrl: `${origin}/oauth/token`, requests, counts };
}

function kindOfPath(path: string): 'runtime' | 'task' | 'refresh' {
  if (path === '/authapi/v1/agent/register') return 'runtime';
  return path.endsWith('/task/register') ? 'task' : 'refresh';
}
