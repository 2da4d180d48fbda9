import { isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';
import type * as z from 'zod/mini';
import type { AgentRuntimeEntry, AgentTaskEntry } from '../agent-directory.js';
import {
  agentRuntimeNotFoundCode,
  type DirectoryAgentRuntime,
  type DirectoryAgentTask,
  directoryAgentRuntimePath,
  directoryAgentRuntimeSchema,
  directoryAgentTaskPath,
  directoryAgentTaskSchema,
  fromDirectoryTaskStatus,
  taskNotFoundCode,
} from '../directory-wire.js';
import { unusableResponse } from './fetch-from-directory.js';

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
      // The same object for the same key keeps what its first check has computed.
      publicKey:
        cached?.publicKey.ssh === wire.agent_public_key
          ? cached.publicKey
          : readSshPublicKey(wire.agent_public_key),
      accountId: wire.account_id,
      status: wire.status,
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

/**
 * Reads the body of a 200.
 *
 * @param path The requested path; a body about another runtime or task is unusable.
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
  if (pathOf(data) !== path) throw unusableResponse('the body is about another runtime or task');
  try {
    return toEntry(data, cached);
  } catch (error) {
    throw unusableResponse(isAgentIdentityError(error) ? error.message : 'the body cannot be read');
  }
}
