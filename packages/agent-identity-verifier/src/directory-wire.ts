import * as z from 'zod';
import type { AgentRuntimeStatus, AgentTaskStatus } from './agent-directory.js';

/**
 * The wire of an authority's directory endpoint, which `remoteDirectory` asks and an authority answers. Both requests
 * are authenticated by `Authorization: Bearer …`.
 *
 * | request | 200 | 404, with `error.code` |
 * |---|---|---|
 * | `GET {base}/v1/directory/agents/{agent_runtime_id}` | `DirectoryAgentRuntime` | `agent_runtime_not_found` |
 * | `GET {base}/v1/directory/agents/{agent_runtime_id}/tasks/{task_id}` | `DirectoryAgentTask` | `task_not_found` |
 *
 * - A 200 carries an `ETag`, and the same request with it as `If-None-Match` may be answered 304.
 * - `Cache-Control: max-age` says how long a 200 or 404 may be kept; a verifier keeps it no longer than its own bound.
 * - Both are answered from what is acknowledged at that moment, so that a revocation shows at once.
 * - A 404 without its code is no answer (a wrong base URL gives one too), and so is every other status; none is ever
 *   taken for "not found".
 */

/** The answer about an agent runtime. A revoked, deleted or expired one is still answered with 200. */
export interface DirectoryAgentRuntime {
  agent_runtime_id: string;
  /** The OpenSSH line, `ssh-ed25519 …`, as it was registered. */
  agent_public_key: string;
  /** The account that owns the runtime. */
  account_id: string;
  status: AgentRuntimeStatus;
}

/** Reads the answer; other members are dropped, so that later versions can add some. */
export const directoryAgentRuntimeSchema: z.ZodType<DirectoryAgentRuntime> = z.object({
  agent_runtime_id: z.string().min(1),
  agent_public_key: z.string().min(1),
  account_id: z.string().min(1),
  status: z.enum(['active', 'deleted', 'revoked', 'expired']),
});

/** The answer about a task of a runtime. A revoked or expired one is still answered with 200. */
export interface DirectoryAgentTask {
  agent_runtime_id: string;
  task_id: string;
  status: AgentTaskStatus;
}

/** Reads the answer; other members are dropped. */
export const directoryAgentTaskSchema: z.ZodType<DirectoryAgentTask> = z.object({
  agent_runtime_id: z.string().min(1),
  task_id: z.string().min(1),
  status: z.enum(['live', 'expired', 'revoked']),
});

/** The `error.code` of the 404 that says for certain that there is no such runtime. */
export const agentRuntimeNotFoundCode = 'agent_runtime_not_found' as const;

/** Likewise that the runtime has no such task. */
export const taskNotFoundCode = 'task_not_found' as const;

/**
 * The path below the base URL; `undefined` for an id that cannot be one path segment, which no authority may issue.
 */
export function directoryAgentRuntimePath(agentRuntimeId: string): string | undefined {
  const agent = pathSegment(agentRuntimeId);
  return agent && `/v1/directory/agents/${agent}`;
}

/** Likewise for a task of the runtime. */
export function directoryAgentTaskPath(agentRuntimeId: string, taskId: string): string | undefined {
  const agent = directoryAgentRuntimePath(agentRuntimeId);
  const task = pathSegment(taskId);
  return agent && task && `${agent}/tasks/${task}`;
}

const maxSegmentLength = 512;

/** `.` and `..` change a path even when escaped, and a lone surrogate cannot be escaped (docs/protocol.md section 6). */
function pathSegment(id: string): string | undefined {
  if (id === '' || id === '.' || id === '..' || !id.isWellFormed()) return undefined;
  const segment = encodeURIComponent(id);
  return segment.length <= maxSegmentLength ? segment : undefined;
}
