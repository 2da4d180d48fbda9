/**
 * The HTTP endpoint of an authority that `remoteDirectory` requests. This is an addition to the protocol. The requests
 * are authenticated with `Authorization: Bearer …`.
 *
 * | request | 200 | 404, with `error.code` |
 * |---|---|---|
 * | `GET {base}/v1/directory/agents/{agent_runtime_id}` | `DirectoryAgentRuntime` | `agent_runtime_not_found` |
 * | `GET {base}/v1/directory/agents/{agent_runtime_id}/tasks/{task_id}` | `DirectoryAgentTask` | `task_not_found` |
 * | `GET {base}/v1/directory/instances/{runtime_agent_instance_id}` | `DirectoryRuntimeAgentInstance` | `runtime_agent_instance_not_found` |
 *
 * - A 200 has an `ETag`; the same request with `If-None-Match` may be answered with 304.
 * - `Cache-Control: max-age` says how long a 200 or a 404 may be cached. A verifier also applies a limit of its own.
 * - Responses reflect everything that was acknowledged before the request, so that a revocation is visible at once.
 * - A 404 without its code, and every other status, never means "not found": a wrong base URL also gives a 404.
 */

export type { DirectoryAgentRuntime, DirectoryAgentTask, DirectoryTaskStatus } from './agent-wire.js';
export {
  agentRuntimeNotFoundCode,
  directoryAgentRuntimePath,
  directoryAgentRuntimeSchema,
  directoryAgentTaskPath,
  directoryAgentTaskSchema,
  fromDirectoryTaskStatus,
  taskNotFoundCode,
  toDirectoryTaskStatus,
} from './agent-wire.js';
export type { DirectoryRuntimeAgentInstance } from './instance-wire.js';
export {
  directoryRuntimeAgentInstancePath,
  directoryRuntimeAgentInstanceSchema,
  fromDirectoryActor,
  runtimeAgentInstanceNotFoundCode,
  toDirectoryActor,
} from './instance-wire.js';
