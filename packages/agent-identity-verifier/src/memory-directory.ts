import type { AgentPublicKey } from 'agent-identity-core';
import {
  createSubscribers,
  invalidArgument,
  requireCapabilities,
  requireKnownOptions,
  requireMethods,
  requireObject,
} from 'agent-identity-core/http';
import { requireAgentActor } from './agent-actor.js';
import type {
  AgentDirectory,
  AgentFacts,
  AgentRuntimeEntry,
  AgentRuntimeStatus,
  AgentTaskEntry,
  AgentTaskStatus,
  RuntimeAgentInstanceEntry,
  RuntimeAgentInstanceStatus,
} from './agent-directory.js';

/** A directory in this process, for tests and for services that learn of every agent. A restart empties it. */
export interface MemoryDirectory extends AgentDirectory {
  findAgentRuntime(agentRuntimeId: string): AgentRuntimeEntry | undefined;
  findAgentTask(agentRuntimeId: string, taskId: string): AgentTaskEntry | undefined;
  findRuntimeAgentInstance(runtimeAgentInstanceId: string): RuntimeAgentInstanceEntry | undefined;
  subscribe(listener: (agentRuntimeId: string | undefined) => void): () => void;
  /**
   * Adds a runtime, `active` by default, or replaces it and keeps its tasks.
   *
   * @throws AgentIdentityError `invalid_argument`, also for unknown members: a misspelled `status` must not leave a
   * revoked runtime active
   */
  putAgentRuntime(
    runtime: Omit<AgentRuntimeEntry, 'status'> & { readonly status?: AgentRuntimeStatus | undefined },
  ): void;
  /**
   * Adds a task, `active` by default, or replaces it.
   *
   * @throws AgentIdentityError `invalid_argument`, also for a runtime that was not added before
   */
  putAgentTask(
    task: Omit<AgentTaskEntry, 'status'> & { readonly status?: AgentTaskStatus | undefined },
  ): void;
  /**
   * Adds a runtime agent instance, `active` by default, or replaces it.
   *
   * @throws AgentIdentityError `invalid_argument`, also for unknown members
   */
  putRuntimeAgentInstance(
    instance: Omit<RuntimeAgentInstanceEntry, 'status'> & {
      readonly status?: RuntimeAgentInstanceStatus | undefined;
    },
  ): void;
}

interface RuntimeRecord {
  runtime: AgentRuntimeEntry;
  readonly tasks: Map<string, AgentTaskEntry>;
}

const factNames = ['name', 'labels', 'planType', 'lineage', 'abom'];
const runtimeNames = ['agentRuntimeId', 'publicKey', 'accountId', 'status', 'capabilities', ...factNames];
const runtimeStatuses: readonly AgentRuntimeStatus[] = [
  'active',
  'suspended',
  'deleted',
  'revoked',
  'expired',
];
const taskNames = ['agentRuntimeId', 'taskId', 'status'];
const taskStatuses: readonly AgentTaskStatus[] = ['active', 'expired', 'revoked'];
const instanceNames = ['runtimeAgentInstanceId', 'agentHostId', 'publicKey', 'actor', 'status', 'expiresAt'];
const instanceStatuses: readonly RuntimeAgentInstanceStatus[] = ['active', 'suspended', 'revoked', 'expired'];

/**
 * Creates an empty directory in memory. It answers synchronously, and the next verification sees each change.
 *
 * @example
 * ```ts
 * import { readSshPublicKey } from 'agent-identity-core';
 * import { memoryDirectory } from 'agent-identity-verifier';
 *
 * const directory = memoryDirectory();
 *
 * function addAgent(agentRuntimeId: string, sshLine: string, accountId: string): void {
 *   directory.putAgentRuntime({ agentRuntimeId, publicKey: readSshPublicKey(sshLine), accountId });
 * }
 * ```
 */
export function memoryDirectory(): MemoryDirectory {
  const records = new Map<string, RuntimeRecord>();
  const instances = new Map<string, RuntimeAgentInstanceEntry>();
  const changes = createSubscribers<string | undefined>();
  return {
    subscribe: changes.subscribe,
    findAgentRuntime: (agentRuntimeId) => records.get(agentRuntimeId)?.runtime,
    findAgentTask: (agentRuntimeId, taskId) => records.get(agentRuntimeId)?.tasks.get(taskId),
    findRuntimeAgentInstance: (runtimeAgentInstanceId) => instances.get(runtimeAgentInstanceId),

    putAgentRuntime(entry) {
      requireKnownOptions(entry, runtimeNames, 'runtime');
      const { agentRuntimeId, publicKey, accountId, status = 'active', capabilities = [] } = entry;
      requireIds({ agentRuntimeId, accountId });
      requirePublicKey(publicKey);
      requireStatus(status, runtimeStatuses);
      requireCapabilities(capabilities, 'capabilities');
      const granted = Object.freeze([...capabilities]);
      const facts = copyFacts(entry);
      const runtime = { agentRuntimeId, publicKey, accountId, status, capabilities: granted, ...facts };
      const tasks = records.get(agentRuntimeId)?.tasks ?? new Map();
      records.set(agentRuntimeId, { runtime: Object.freeze(runtime), tasks });
      changes.notify(agentRuntimeId);
    },

    putAgentTask(entry) {
      requireKnownOptions(entry, taskNames, 'task');
      const { agentRuntimeId, taskId, status = 'active' } = entry;
      requireIds({ agentRuntimeId, taskId });
      requireStatus(status, taskStatuses);
      const record = records.get(agentRuntimeId);
      if (record === undefined) {
        throw invalidArgument('agentRuntimeId', 'a runtime that was added before', agentRuntimeId);
      }
      record.tasks.set(taskId, Object.freeze({ agentRuntimeId, taskId, status }));
      changes.notify(agentRuntimeId);
    },

    putRuntimeAgentInstance(entry) {
      const instance = readInstance(entry);
      instances.set(instance.runtimeAgentInstanceId, instance);
      changes.notify(undefined);
    },
  };
}

function readInstance(
  entry: Parameters<MemoryDirectory['putRuntimeAgentInstance']>[0],
): RuntimeAgentInstanceEntry {
  requireKnownOptions(entry, instanceNames, 'instance');
  const { runtimeAgentInstanceId, agentHostId, publicKey, actor, status = 'active', expiresAt } = entry;
  requireIds({ runtimeAgentInstanceId, agentHostId });
  requirePublicKey(publicKey);
  requireAgentActor(actor, 'actor');
  requireStatus(status, instanceStatuses);
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) {
    throw invalidArgument('expiresAt', 'epoch milliseconds', expiresAt);
  }
  return Object.freeze({ ...entry, actor: Object.freeze({ ...actor }), status });
}

function copyFacts({ name, labels = {}, planType, lineage = [], abom }: AgentFacts): AgentFacts {
  if (!Array.isArray(lineage) || !lineage.every((id) => typeof id === 'string')) {
    throw invalidArgument('lineage', 'a list of ids', lineage);
  }
  requireObject(labels, 'labels');
  if (abom !== undefined) requireObject(abom, 'abom');
  for (const [fact, value] of Object.entries({ name, planType, ...labels })) {
    if (value !== undefined && typeof value !== 'string') throw invalidArgument(fact, 'a string', value);
  }
  return {
    name,
    labels: Object.freeze({ ...labels }),
    planType,
    lineage: Object.freeze([...lineage]),
    abom: abom && Object.freeze({ ...abom }),
  };
}

function requirePublicKey(publicKey: AgentPublicKey): void {
  requireMethods(publicKey, ['verify'], 'publicKey', 'an AgentPublicKey, as readSshPublicKey returns it');
}

function requireIds(ids: Readonly<Record<string, unknown>>): void {
  for (const [name, id] of Object.entries(ids)) {
    if (typeof id !== 'string' || id.trim() === '') throw invalidArgument(name, 'a non-blank string', id);
  }
}

function requireStatus(status: string, known: readonly string[]): void {
  if (!known.includes(status)) throw invalidArgument('status', `one of ${known.join(', ')}`, status);
}
