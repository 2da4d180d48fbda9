/**
 * The HTTP endpoint of an authority that `remoteDirectory` requests. This is an addition to the protocol. The requests
 * are authenticated with `Authorization: Bearer …`.
 *
 * | request | 200 | 404, with `error.code` |
 * |---|---|---|
 * | `GET {base}/v1/directory/agents/{agent_runtime_id}` | `DirectoryAgentRuntime` | `agent_runtime_not_found` |
 * | `GET {base}/v1/directory/agents/{agent_runtime_id}/tasks/{task_id}` | `DirectoryAgentTask` | `task_not_found` |
 * | `GET {base}/v1/directory/instances/{runtime_agent_instance_id}` | `DirectoryRuntimeAgentInstance` | `runtime_agent_instance_not_found` |
 * | `GET {base}/v1/directory/changes?after={after}` | server-sent events | |
 *
 * - A 200 has an `ETag`; the same request with `If-None-Match` may be answered with 304.
 * - `Cache-Control: max-age` says how long a 200 or a 404 may be cached. A verifier also applies a limit of its own.
 * - Responses reflect everything that was acknowledged before the request, so that a revocation is visible at once.
 * - A 404 without its code, and every other status, never means "not found": a wrong base URL also gives a 404.
 * - A verifier that follows the stream of changes sends `Directory-Follow: 1`. `Directory-Follow-Seconds` of a 200 then says
 *   for how long the entry changes only with an event in the stream, if the entry was not read from a cache. Without the header it
 *   must not be kept longer than `max-age`.
 *
 * The stream of changes has three events, whose data is JSON:
 *
 * | event | data | meaning |
 * |---|---|---|
 * | `change` | `DirectoryChange` | an entry has changed |
 * | `position` | `DirectoryPosition` | all changes up to here have been sent; at least once a second |
 * | `reset` | `DirectoryPosition` | changes may be missing: drop everything; the stream continues here |
 *
 * The first event is `reset` if there is no `after`, or if the authority cannot continue there. Without a `position` for
 * 2.5 s, assume that changes are missing until the next one. The authority ends a stream after ten minutes, so that the
 * access token is checked again; continue with the last `after`.
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
export type { DirectoryChange, DirectoryPosition } from './changes-wire.js';
export {
  directoryChangeSchema,
  directoryChangesPath,
  directoryFollowHeader,
  directoryFollowSecondsHeader,
  directoryPositionSchema,
} from './changes-wire.js';
export type { DirectoryRuntimeAgentInstance } from './instance-wire.js';
export {
  directoryRuntimeAgentInstancePath,
  directoryRuntimeAgentInstanceSchema,
  fromDirectoryActor,
  runtimeAgentInstanceNotFoundCode,
  toDirectoryActor,
} from './instance-wire.js';
