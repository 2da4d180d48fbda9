import { type AgentPublicKey, isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';
import type * as z from 'zod/mini';
import type { AgentRuntimeEntry, AgentTaskEntry, RuntimeAgentInstanceEntry } from '../agent-directory.js';
import {
  agentRuntimeNotFoundCode,
  type DirectoryAgentRuntime,
  type DirectoryAgentTask,
  type DirectoryRuntimeAgentInstance,
  directoryAgentRuntimePath,
  directoryAgentRuntimeSchema,
  directoryAgentTaskPath,
  directoryAgentTaskSchema,
  directoryRuntimeAgentInstancePath,
  directoryRuntimeAgentInstanceSchema,
  fromDirectoryActor,
  fromDirectoryTaskStatus,
  runtimeAgentInstanceNotFoundCode,
  taskNotFoundCode,
} from '../directory-wire/index.js';
import { unusableResponse } from './directory-errors.js';

/** A kind of entry that an authority serves, and how to read it. */
export interface Resource<Wire, Entry> {
  readonly notFoundCode: string;
  readonly schema: z.ZodMiniType<Wire>;
  readonly pathOf: (wire: Wire) => string | undefined;
  readonly toEntry: (wire: Wire, cached: Entry | undefined) => Entry;
}

export const runtimeResource: Resource<DirectoryAgentRuntime, AgentRuntimeEntry> = {
  notFoundCode: agentRuntimeNotFoundCode,
  schema: directoryAgentRuntimeSchema,
  pathOf: (wire) => directoryAgentRuntimePath(wire.agent_runtime_id),
  toEntry: (wire, cached) =>
    Object.freeze({
      agentRuntimeId: wire.agent_runtime_id,
      publicKey: readKey(wire.agent_public_key, cached?.publicKey),
      accountId: wire.account_id,
      status: wire.status,
      capabilities: Object.freeze(wire.capabilities ?? []),
      name: wire.name,
      labels: Object.freeze(wire.labels ?? {}),
      planType: wire.plan_type,
      lineage: wire.lineage,
      abom: wire.abom && Object.freeze(wire.abom),
    }),
};

export const taskResource: Resource<DirectoryAgentTask, AgentTaskEntry> = {
  notFoundCode: taskNotFoundCode,
  schema: directoryAgentTaskSchema,
  pathOf: (wire) => directoryAgentTaskPath(wire.agent_runtime_id, wire.task_id),
  toEntry: (wire) =>
    Object.freeze({
      agentRuntimeId: wire.agent_runtime_id,
      taskId: wire.task_id,
      status: fromDirectoryTaskStatus(wire.status),
    }),
};

export const instanceResource: Resource<DirectoryRuntimeAgentInstance, RuntimeAgentInstanceEntry> = {
  notFoundCode: runtimeAgentInstanceNotFoundCode,
  schema: directoryRuntimeAgentInstanceSchema,
  pathOf: (wire) => directoryRuntimeAgentInstancePath(wire.runtime_agent_instance_id),
  toEntry: (wire, cached) =>
    Object.freeze({
      runtimeAgentInstanceId: wire.runtime_agent_instance_id,
      agentHostId: wire.agent_host_id,
      publicKey: readKey(wire.public_key, cached?.publicKey),
      actor: Object.freeze(fromDirectoryActor(wire.actor)),
      status: wire.status,
      expiresAt: wire.expires_at === undefined ? undefined : Date.parse(wire.expires_at),
    }),
};

/** The same object for the same key keeps what its first check has computed. */
function readKey(line: string, cachedKey: AgentPublicKey | undefined): AgentPublicKey {
  return cachedKey?.ssh === line ? cachedKey : readSshPublicKey(line);
}

/**
 * Reads the body of a 200.
 *
 * @param path The requested path; a body about another entry is unusable.
 * @throws AgentIdentityError `invalid_directory_response`
 */
export function readEntry<Wire, Entry>(
  { schema, pathOf, toEntry }: Resource<Wire, Entry>,
  path: string,
  json: unknown,
  cached: Entry | undefined,
): Entry {
  const { success, data } = schema.safeParse(json);
  if (!success) throw unusableResponse('the body does not match its schema');
  if (pathOf(data) !== path) throw unusableResponse('the body is about another entry');
  try {
    return toEntry(data, cached);
  } catch (error) {
    throw unusableResponse(isAgentIdentityError(error) ? error.message : 'the body cannot be read');
  }
}
