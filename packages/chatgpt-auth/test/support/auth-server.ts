import { loopbackServer, type RecordedRequest, type Reply } from 'test-support';

/** Returns the reply to the request of this number of its kind, from 1. */
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

/** An AuthAPI and a token endpoint on loopback, until the test is over. By default every registration succeeds. */
export async function authServer(answers: Answers = {}): Promise<AuthServer> {
  const counts = { runtime: 0, task: 0, refresh: 0 };
  const all: Required<Answers> = {
    runtime: (_request, count) => ({ body: { agent_runtime_id: `runtime-${count}` } }),
    task: (_request, count) => ({ body: { task_id: `task-${count}` } }),
    refresh: () => ({ status: 404 }),
    ...answers,
  };
  const { origin, requests } = await loopbackServer((request) => {
    const kind = kindOfPath(request.path);
    counts[kind] += 1;
    return all[kind](request, counts[kind]);
  });
  return { baseUrl: `${origin}/authapi`, tokenUrl: `${origin}/oauth/token`, requests, counts };
}

function kindOfPath(path: string): 'runtime' | 'task' | 'refresh' {
  if (path === '/authapi/v1/agent/register') return 'runtime';
  return path.endsWith('/task/register') ? 'task' : 'refresh';
}
