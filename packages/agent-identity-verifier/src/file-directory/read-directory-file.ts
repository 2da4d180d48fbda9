import { type AgentPublicKey, isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';
import { parseJson } from 'agent-identity-core/http';
import { explainSchemaError } from 'agent-identity-core/wire';
import type { AgentRuntimeEntry } from '../agent-directory.js';
import { type VerificationError, verificationError } from '../errors.js';
import { type MemoryDirectory, memoryDirectory } from '../memory-directory.js';
import { type DirectoryFile, type DirectoryFileAgent, directoryFileSchema } from './directory-file.js';

/**
 * Reads the content of a directory file, completely or not at all. Errors name the member and never a value.
 *
 * @param previous The previous content. A key that is still there stays the same object, which keeps what its first check
 * has computed.
 * @throws AgentIdentityError `invalid_directory_file`
 */
export function readDirectoryFile(bytes: Uint8Array, previous: MemoryDirectory | undefined): MemoryDirectory {
  const directory = memoryDirectory();
  for (const [i, agent] of readAgents(bytes).entries()) {
    const place = `agents.${i}`;
    if (directory.findAgentRuntime(agent.agent_runtime_id) !== undefined) {
      throw invalidFile(`${place}.agent_runtime_id: expected an id that no other agent has`);
    }
    directory.putAgentRuntime({
      agentRuntimeId: agent.agent_runtime_id,
      publicKey: readKey(agent, place, previous?.findAgentRuntime(agent.agent_runtime_id)),
      accountId: agent.account_id,
      status: agent.status,
    });
    addTasks(directory, agent, place);
  }
  return directory;
}

/** Creates the error for a directory file with invalid content. */
export function invalidFile(what: string): VerificationError {
  return verificationError('invalid_directory_file', `directory file: ${what}`);
}

function readAgents(bytes: Uint8Array): DirectoryFile['agents'] {
  const json = parseJson(decodeUtf8(bytes));
  if (json === undefined) throw invalidFile('expected JSON in UTF-8');
  const { data, error } = directoryFileSchema.safeParse(json);
  if (data !== undefined) return data.agents;
  throw invalidFile(explainSchemaError(error, json));
}

/** Removes a byte order mark. Returns the empty string, which is not JSON, for bytes that are not UTF-8. */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}

function readKey(
  { agent_public_key: line }: DirectoryFileAgent,
  place: string,
  previous: AgentRuntimeEntry | undefined,
): AgentPublicKey {
  if (previous?.publicKey.ssh === line) return previous.publicKey;
  try {
    return readSshPublicKey(line);
  } catch (error) {
    const reason = isAgentIdentityError(error) ? error.message : 'expected an OpenSSH public key line';
    throw invalidFile(`${place}.agent_public_key: ${reason}`);
  }
}

function addTasks(
  directory: MemoryDirectory,
  { agent_runtime_id: agentRuntimeId, tasks = [] }: DirectoryFileAgent,
  place: string,
): void {
  for (const [i, { task_id: taskId, status }] of tasks.entries()) {
    if (directory.findAgentTask(agentRuntimeId, taskId) !== undefined) {
      throw invalidFile(`${place}.tasks.${i}.task_id: expected an id that no other task of the agent has`);
    }
    directory.putAgentTask({ agentRuntimeId, taskId, status });
  }
}
