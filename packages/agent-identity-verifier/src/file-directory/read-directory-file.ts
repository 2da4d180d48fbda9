import { type AgentPublicKey, isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';
import type { AgentRuntimeEntry } from '../agent-directory.js';
import { type VerificationError, verificationError } from '../errors.js';
import { type MemoryDirectory, memoryDirectory } from '../memory-directory.js';
import { type DirectoryFile, type DirectoryFileAgent, directoryFileSchema } from './directory-file.js';

/**
 * Reads the content of a directory file, all of it or nothing. Errors name the place and never a value.
 *
 * @param before What the file held before: a key that is still there stays the same object, which keeps what verifying
 * prepares once.
 * @throws AgentIdentityError `invalid_directory_file`
 */
export function readDirectoryFile(bytes: Uint8Array, before: MemoryDirectory | undefined): MemoryDirectory {
  const directory = memoryDirectory();
  for (const [i, agent] of readAgents(bytes).entries()) {
    const place = `agents.${i}`;
    if (directory.findAgentRuntime(agent.agent_runtime_id) !== undefined) {
      throw invalidFile(`${place}.agent_runtime_id: is there twice`);
    }
    directory.putAgentRuntime({
      agentRuntimeId: agent.agent_runtime_id,
      publicKey: readKey(agent, place, before?.findAgentRuntime(agent.agent_runtime_id)),
      accountId: agent.account_id,
      status: agent.status,
    });
    putTasks(directory, agent, place);
  }
  return directory;
}

export function invalidFile(what: string): VerificationError {
  return verificationError('invalid_directory_file', `directory file: ${what}`);
}

function readAgents(bytes: Uint8Array): DirectoryFile['agents'] {
  const { data, error } = directoryFileSchema.safeParse(parseJson(bytes));
  if (data !== undefined) return data.agents;
  const [issue] = error.issues;
  throw invalidFile(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message would quote the text.
    throw invalidFile('expected JSON in UTF-8');
  }
}

function readKey(
  { agent_public_key: line }: DirectoryFileAgent,
  place: string,
  before: AgentRuntimeEntry | undefined,
): AgentPublicKey {
  if (before?.publicKey.ssh === line) return before.publicKey;
  try {
    return readSshPublicKey(line);
  } catch (error) {
    throw invalidFile(
      `${place}.agent_public_key: ${isAgentIdentityError(error) ? error.message : 'unusable'}`,
    );
  }
}

function putTasks(
  directory: MemoryDirectory,
  { agent_runtime_id: agentRuntimeId, tasks = [] }: DirectoryFileAgent,
  place: string,
): void {
  for (const [i, { task_id: taskId, status }] of tasks.entries()) {
    if (directory.findAgentTask(agentRuntimeId, taskId) !== undefined) {
      throw invalidFile(`${place}.tasks.${i}.task_id: is there twice`);
    }
    directory.putAgentTask({ agentRuntimeId, taskId, status });
  }
}
