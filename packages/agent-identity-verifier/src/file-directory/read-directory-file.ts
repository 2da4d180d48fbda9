import { type AgentPublicKey, isAgentIdentityError, readSshPublicKey } from 'agent-identity-core';
import { parseJson } from 'agent-identity-core/http';
import { explainSchemaError } from 'agent-identity-core/wire';
import { fromDirectoryActor } from '../directory-wire/index.js';
import { type VerificationError, verificationError } from '../errors.js';
import { type MemoryDirectory, memoryDirectory } from '../memory-directory.js';
import {
  type DirectoryFile,
  type DirectoryFileAgent,
  type DirectoryFileInstance,
  directoryFileSchema,
} from './directory-file.js';

/**
 * Reads the content of a directory file, completely or not at all. Errors name the member and never a value.
 *
 * @param previous The previous content. A key that is still there stays the same object, which keeps what its first check
 * has computed.
 * @throws AgentIdentityError `invalid_directory_file`
 */
export function readDirectoryFile(bytes: Uint8Array, previous: MemoryDirectory | undefined): MemoryDirectory {
  const directory = memoryDirectory();
  const { agents, instances = [] } = parseDirectoryFile(bytes);
  for (const [i, agent] of agents.entries()) {
    const place = `agents.${i}`;
    addAgent(directory, agent, place, previous?.findAgentRuntime(agent.agent_runtime_id)?.publicKey);
    addTasks(directory, agent, place);
  }
  for (const [i, instance] of instances.entries()) {
    const { publicKey } = previous?.findRuntimeAgentInstance(instance.runtime_agent_instance_id) ?? {};
    addInstance(directory, instance, `instances.${i}`, publicKey);
  }
  return directory;
}

/** Creates the error for a directory file with invalid content. */
export function invalidFile(what: string): VerificationError {
  return verificationError('invalid_directory_file', `directory file: ${what}`);
}

function parseDirectoryFile(bytes: Uint8Array): DirectoryFile {
  const json = parseJson(decodeUtf8(bytes));
  if (json === undefined) throw invalidFile('expected JSON in UTF-8');
  const { data, error } = directoryFileSchema.safeParse(json);
  if (data !== undefined) return data;
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

function readKey(line: string, place: string, previousKey: AgentPublicKey | undefined): AgentPublicKey {
  if (previousKey?.ssh === line) return previousKey;
  try {
    return readSshPublicKey(line);
  } catch (error) {
    const reason = isAgentIdentityError(error) ? error.message : 'expected an OpenSSH public key line';
    throw invalidFile(`${place}: ${reason}`);
  }
}

function addAgent(
  directory: MemoryDirectory,
  agent: DirectoryFileAgent,
  place: string,
  previousKey: AgentPublicKey | undefined,
): void {
  if (directory.findAgentRuntime(agent.agent_runtime_id) !== undefined) {
    throw invalidFile(`${place}.agent_runtime_id: expected an id that no other agent has`);
  }
  directory.putAgentRuntime({
    agentRuntimeId: agent.agent_runtime_id,
    publicKey: readKey(agent.agent_public_key, `${place}.agent_public_key`, previousKey),
    accountId: agent.account_id,
    status: agent.status,
    capabilities: agent.capabilities,
    name: agent.name,
    labels: agent.labels,
  });
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

function addInstance(
  directory: MemoryDirectory,
  instance: DirectoryFileInstance,
  place: string,
  previousKey: AgentPublicKey | undefined,
): void {
  const { runtime_agent_instance_id: runtimeAgentInstanceId, expires_at: expiresAt } = instance;
  if (directory.findRuntimeAgentInstance(runtimeAgentInstanceId) !== undefined) {
    throw invalidFile(`${place}.runtime_agent_instance_id: expected an id that no other instance has`);
  }
  directory.putRuntimeAgentInstance({
    runtimeAgentInstanceId,
    agentHostId: instance.agent_host_id,
    publicKey: readKey(instance.public_key, `${place}.public_key`, previousKey),
    actor: fromDirectoryActor(instance.actor),
    status: instance.status,
    expiresAt: expiresAt === undefined ? undefined : Date.parse(expiresAt),
  });
}
