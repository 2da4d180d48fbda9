import { isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';
import type * as z from 'zod';
import type { AgentRuntimeEntry, AgentTaskEntry } from '../agent-directory.js';
import {
  agentRuntimeNotFoundCode,
  type DirectoryAgentRuntime,
  type DirectoryAgentTask,
  directoryAgentRuntimePath,
  directoryAgentRuntimeSchema,
  directoryAgentTaskPath,
  directoryAgentTaskSchema,
  taskNotFoundCode,
} from '../directory-wire.js';
import { noAnswer } from './ask-directory.js';

/** One kind of question, and how its answers are read. */
export interface AnswerKind<Wire, Entry> {
  readonly notFoundCode: string;
  readonly schema: z.ZodType<Wire>;
  /** Where this is the answer. */
  readonly pathOf: (wire: Wire) => string | undefined;
  /** @throws what no usable answer brings */
  readonly read: (wire: Wire, held: Entry | undefined) => Entry;
}

export const agentRuntimes: AnswerKind<DirectoryAgentRuntime, AgentRuntimeEntry> = {
  notFoundCode: agentRuntimeNotFoundCode,
  schema: directoryAgentRuntimeSchema,
  pathOf: (wire) => directoryAgentRuntimePath(wire.agent_runtime_id),
  read: (wire, held) =>
    Object.freeze({
      agentRuntimeId: wire.agent_runtime_id,
      // The same object for the same key: it keeps what verifying prepares once.
      publicKey:
        held?.publicKey.ssh === wire.agent_public_key
          ? held.publicKey
          : readSshPublicKey(wire.agent_public_key),
      accountId: wire.account_id,
      status: wire.status,
    }),
};

export const agentTasks: AnswerKind<DirectoryAgentTask, AgentTaskEntry> = {
  notFoundCode: taskNotFoundCode,
  schema: directoryAgentTaskSchema,
  pathOf: (wire) => directoryAgentTaskPath(wire.agent_runtime_id, wire.task_id),
  read: (wire) =>
    Object.freeze({ agentRuntimeId: wire.agent_runtime_id, taskId: wire.task_id, status: wire.status }),
};

/**
 * Reads the body of a 200.
 *
 * @param path Where it came from: a body about anything else is no answer.
 * @throws AgentIdentityError `directory_unavailable`
 */
export function readEntry<Wire, Entry>(
  { schema, pathOf, read }: AnswerKind<Wire, Entry>,
  path: string,
  json: unknown,
  held: Entry | undefined,
): Entry {
  const { success, data } = schema.safeParse(json);
  if (!success) throw noAnswer('the body is not of its schema');
  if (pathOf(data) !== path) throw noAnswer('the body is about something else');
  try {
    return read(data, held);
  } catch (error) {
    throw noAnswer(isAgentIdentityError(error) ? error.message : 'the body cannot be read');
  }
}
