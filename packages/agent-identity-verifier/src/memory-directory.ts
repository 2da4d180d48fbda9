import type {
  AgentDirectory,
  AgentRuntimeEntry,
  AgentRuntimeStatus,
  AgentTaskEntry,
  AgentTaskStatus,
} from './agent-directory.js';
import { verificationError } from './errors.js';

/** A directory in this process, for tests and for services that are told of every runtime. A restart forgets it. */
export interface MemoryDirectory extends AgentDirectory {
  findAgentRuntime(agentRuntimeId: string): AgentRuntimeEntry | undefined;
  findAgentTask(agentRuntimeId: string, taskId: string): AgentTaskEntry | undefined;
  /**
   * Adds a runtime, active unless said otherwise. One that is there already is replaced; its tasks stay.
   */
  putAgentRuntime(
    runtime: Omit<AgentRuntimeEntry, 'status'> & { readonly status?: AgentRuntimeStatus | undefined },
  ): void;
  /**
   * Adds a task, live unless said otherwise, or replaces it.
   *
   * @throws AgentIdentityError `invalid_argument` for a runtime that is not there
   */
  putAgentTask(
    task: Omit<AgentTaskEntry, 'status'> & { readonly status?: AgentTaskStatus | undefined },
  ): void;
}

interface RuntimeShelf {
  runtime: AgentRuntimeEntry;
  readonly tasks: Map<string, AgentTaskEntry>;
}

/** Makes an empty directory in memory. Its answers are immediate, and what is put is seen by the next verification. */
export function memoryDirectory(): MemoryDirectory {
  const shelves = new Map<string, RuntimeShelf>();
  return {
    findAgentRuntime: (agentRuntimeId) => shelves.get(agentRuntimeId)?.runtime,
    findAgentTask: (agentRuntimeId, taskId) => shelves.get(agentRuntimeId)?.tasks.get(taskId),
    putAgentRuntime({ agentRuntimeId, publicKey, accountId, status = 'active' }) {
      const runtime = Object.freeze({ agentRuntimeId, publicKey, accountId, status });
      const tasks = shelves.get(agentRuntimeId)?.tasks ?? new Map();
      shelves.set(agentRuntimeId, { runtime, tasks });
    },
    putAgentTask({ agentRuntimeId, taskId, status = 'live' }) {
      const shelf = shelves.get(agentRuntimeId);
      if (shelf === undefined) {
        throw verificationError('invalid_argument', 'agentRuntimeId: expected a runtime that was put before');
      }
      shelf.tasks.set(taskId, Object.freeze({ agentRuntimeId, taskId, status }));
    },
  };
}
