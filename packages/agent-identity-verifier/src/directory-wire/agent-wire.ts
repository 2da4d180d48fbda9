import type { AgentBillOfMaterials } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import type { AgentRuntimeStatus, AgentTaskStatus } from '../agent-directory.js';
import { encodePathSegment } from './encode-path-segment.js';

/** The response about an agent runtime: 200 also for a runtime that is revoked, deleted or expired. */
export interface DirectoryAgentRuntime {
  agent_runtime_id: string;
  /** The OpenSSH line, `ssh-ed25519 …`, as it was registered. */
  agent_public_key: string;
  /** The account that owns the runtime. */
  account_id: string;
  status: AgentRuntimeStatus;
  /** What the runtime may do. An authority that knows no capabilities sends none. */
  capabilities?: string[] | undefined;
  /** For people. */
  name?: string | undefined;
  labels?: Record<string, string> | undefined;
  /** The plan of the account. */
  plan_type?: string | undefined;
  /** The runtimes that it descends from, its parent last. */
  lineage?: string[] | undefined;
  /** What the agent said of its software. */
  abom?: AgentBillOfMaterials | undefined;
}

const text = z.string().check(z.minLength(1));

/** Reads the response about a runtime. Unknown members are dropped, so that later versions can add some. */
export const directoryAgentRuntimeSchema: z.ZodMiniType<DirectoryAgentRuntime> = z.object({
  agent_runtime_id: text,
  agent_public_key: text,
  account_id: text,
  status: z.enum(['active', 'suspended', 'deleted', 'revoked', 'expired']),
  capabilities: z.optional(z.array(text)),
  name: z.optional(z.string()),
  labels: z.optional(z.record(z.string(), z.string())),
  plan_type: z.optional(z.string()),
  lineage: z.optional(z.array(text)),
  abom: z.optional(
    z.object({ agent_version: z.string(), agent_harness_id: z.string(), running_location: z.string() }),
  ),
});

/** The status of a task on the wire, where an active task is `live`. */
export type DirectoryTaskStatus = 'live' | 'expired' | 'revoked';

/** The response about a task of a runtime: 200 also for a task that is revoked or expired. */
export interface DirectoryAgentTask {
  agent_runtime_id: string;
  task_id: string;
  status: DirectoryTaskStatus;
}

/** Reads the response about a task. Unknown members are dropped. */
export const directoryAgentTaskSchema: z.ZodMiniType<DirectoryAgentTask> = z.object({
  agent_runtime_id: text,
  task_id: text,
  status: z.enum(['live', 'expired', 'revoked']),
});

/**
 * Converts the status of a task to the wire.
 *
 * @example
 * ```ts
 * import { toDirectoryTaskStatus } from 'agent-identity-verifier/directory-wire';
 *
 * toDirectoryTaskStatus('active'); // 'live'
 * ```
 */
export function toDirectoryTaskStatus(status: AgentTaskStatus): DirectoryTaskStatus {
  return status === 'active' ? 'live' : status;
}

/**
 * Converts the status of a task from the wire.
 *
 * @example
 * ```ts
 * import { fromDirectoryTaskStatus } from 'agent-identity-verifier/directory-wire';
 *
 * fromDirectoryTaskStatus('live'); // 'active'
 * ```
 */
export function fromDirectoryTaskStatus(status: DirectoryTaskStatus): AgentTaskStatus {
  return status === 'live' ? 'active' : status;
}

/** The `error.code` of the 404 that means: there is no such runtime. */
export const agentRuntimeNotFoundCode = 'agent_runtime_not_found' as const;

/** The `error.code` of the 404 that means: the runtime has no such task. */
export const taskNotFoundCode = 'task_not_found' as const;

/**
 * The path of a runtime below the base URL.
 *
 * @returns `undefined` for an id that cannot be one path segment; no authority issues such an id
 * @example
 * ```ts
 * import { directoryAgentRuntimePath } from 'agent-identity-verifier/directory-wire';
 *
 * directoryAgentRuntimePath('agent-1'); // '/v1/directory/agents/agent-1'
 * ```
 */
export function directoryAgentRuntimePath(agentRuntimeId: string): string | undefined {
  const agent = encodePathSegment(agentRuntimeId);
  return agent && `/v1/directory/agents/${agent}`;
}

/**
 * The path of a task below the base URL.
 *
 * @returns `undefined` for an id that cannot be one path segment; no authority issues such an id
 * @example
 * ```ts
 * import { directoryAgentTaskPath } from 'agent-identity-verifier/directory-wire';
 *
 * directoryAgentTaskPath('agent-1', 'task-1'); // '/v1/directory/agents/agent-1/tasks/task-1'
 * ```
 */
export function directoryAgentTaskPath(agentRuntimeId: string, taskId: string): string | undefined {
  const agent = directoryAgentRuntimePath(agentRuntimeId);
  const task = encodePathSegment(taskId);
  return agent && task && `${agent}/tasks/${task}`;
}
