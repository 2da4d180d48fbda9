import { type AgentKey, generateAgentKey, signTaskRegistration } from 'agent-identity-core';
import { registrationBody } from 'test-support';
import { vi } from 'vitest';

/** An agent and a task that a node has acknowledged. */
interface Acknowledged {
  readonly agentRuntimeId: string;
  readonly taskId: string;
  readonly agentKey: AgentKey;
}

/** Clients that register agents and tasks. Each uses its own node first, and the others if that fails. */
export interface Load {
  readonly acknowledged: readonly Acknowledged[];
  /** The count of each status other than 200, and of `no answer`. */
  readonly refusals: ReadonlyMap<Status, number>;
  /** Resolves when this many more agents are registered. */
  more(count: number): Promise<void>;
  /** Resolves when each of these nodes has responded with this status once more. */
  answers(status: Status, nodes: readonly number[]): Promise<void>;
  /** Ends the load when all running registrations are acknowledged. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** The current nodes: a restarted node has another URL. */
  readonly nodes: readonly { readonly url: string }[];
  readonly clients: number;
  readonly accessToken: string;
}

export function startLoad(options: LoadOptions): Load {
  const answers = new AnswerCounts();
  const acknowledged: Acknowledged[] = [];
  let stopped = false;
  const client = async (node: number) => {
    while (!stopped) acknowledged.push(await registerAgent(options, node, answers));
  };
  const running = Promise.all(
    Array.from({ length: options.clients }, (_, i) => client(i % options.nodes.length)),
  );
  const until = (check: () => boolean) =>
    vi.waitUntil(check, { timeout: 120_000, interval: 20 }).then(() => {});
  return {
    acknowledged,
    refusals: answers.refusals,
    more(count) {
      const goal = acknowledged.length + count;
      return until(() => acknowledged.length >= goal);
    },
    answers(status, nodes) {
      const before = nodes.map((node) => answers.of(node, status));
      return until(() => nodes.every((node, i) => answers.of(node, status) > (before[i] ?? 0)));
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

type Status = number | 'no answer';

class AnswerCounts {
  readonly refusals: Map<Status, number> = new Map();
  readonly #counts: Map<string, number> = new Map();

  count(node: number, status: Status): void {
    this.#counts.set(`${node} ${status}`, this.of(node, status) + 1);
    if (status !== 200) this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
  }

  of(node: number, status: Status): number {
    return this.#counts.get(`${node} ${status}`) ?? 0;
  }
}

/** Registers an agent and a task. Sends each request to one node after the other until one responds with 200. */
async function registerAgent(
  { nodes, accessToken }: LoadOptions,
  firstNode: number,
  answers: AnswerCounts,
): Promise<Acknowledged> {
  const insist = async (path: string, body: unknown, headers: Record<string, string>) => {
    for (let node = firstNode; ; node = (node + 1) % nodes.length) {
      const answer = await post(`${nodes[node]?.url}${path}`, body, headers);
      answers.count(node, answer.status);
      if (answer.status === 200) return answer.body;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const agentKey = generateAgentKey();
  const registered = await insist('/v1/agent/register', registrationBody(agentKey.publicKey.ssh), {
    authorization: `Bearer ${accessToken}`,
  });
  const agentRuntimeId = String(registered['agent_runtime_id']);
  const registration = signTaskRegistration({ agentKey, agentRuntimeId });
  const task = await insist(`/v1/agent/${agentRuntimeId}/task/register`, registration, {});
  return { agentRuntimeId, taskId: String(task['task_id']), agentKey };
}

/** A response that takes longer than a client would wait counts as none. */
async function post(
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<{ status: Status; body: Record<string, unknown> }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  } catch {
    return { status: 'no answer', body: {} };
  }
}
