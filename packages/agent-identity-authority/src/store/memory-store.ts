import type {
  AuthorityStore,
  StoredAgentRuntime,
  StoredAgentTask,
  StoredSigningKey,
} from './authority-store.js';

/** Maps within maps, so that no two ids are ever joined into one key. */
interface MemoryTables {
  readonly runtimes: Map<string, StoredAgentRuntime>;
  readonly runtimeIdsByKey: Map<string, string>;
  readonly taskShelves: Map<string, TaskShelf>;
  signingKeys: readonly StoredSigningKey[];
}

/** The tasks of one runtime, by their ids, and the latest task of each registration. */
interface TaskShelf {
  readonly tasks: Map<string, StoredAgentTask>;
  readonly taskIdsByRegistration: Map<string, string>;
}

/** A store in this process, for tests and demonstrations: whatever ends the process ends what it holds. */
export function memoryStore(): AuthorityStore {
  const tables: MemoryTables = {
    runtimes: new Map(),
    runtimeIdsByKey: new Map(),
    taskShelves: new Map(),
    signingKeys: [],
  };
  return {
    ...runtimeMethods(tables),
    ...taskMethods(tables),
    ...signingKeyMethods(tables),
    close: async () => {},
  };
}

// Each method runs without an await in it, so nothing comes between its reading and its writing.

function runtimeMethods({ runtimes, runtimeIdsByKey }: MemoryTables) {
  return {
    async addAgentRuntime(runtime) {
      const known = runtimes.get(runtimeIdsByKey.get(runtime.publicKeySsh) ?? '');
      if (known !== undefined) return known;
      runtimes.set(runtime.agentRuntimeId, runtime);
      runtimeIdsByKey.set(runtime.publicKeySsh, runtime.agentRuntimeId);
      return runtime;
    },
    findAgentRuntime: async (agentRuntimeId) => runtimes.get(agentRuntimeId),
    revokeAgentRuntime: async (agentRuntimeId, revokedAt) => markRevoked(runtimes, agentRuntimeId, revokedAt),
  } satisfies Partial<AuthorityStore>;
}

function taskMethods({ runtimes, taskShelves }: MemoryTables) {
  return {
    async addAgentTask(task) {
      const runtime = runtimes.get(task.agentRuntimeId);
      if (runtime === undefined || runtime.revokedAt !== null) return undefined;
      const shelf = shelfOf(taskShelves, task.agentRuntimeId);
      const registration = JSON.stringify([task.registrationTimestamp, task.registrationSignature]);
      const repeated = shelf.tasks.get(shelf.taskIdsByRegistration.get(registration) ?? '');
      if (repeated !== undefined && repeated.revokedAt === null) return repeated;
      shelf.tasks.set(task.taskId, task);
      shelf.taskIdsByRegistration.set(registration, task.taskId);
      return task;
    },
    findAgentTask: async (agentRuntimeId, taskId) => taskShelves.get(agentRuntimeId)?.tasks.get(taskId),
    revokeAgentTask: async (agentRuntimeId, taskId, revokedAt) =>
      markRevoked(taskShelves.get(agentRuntimeId)?.tasks, taskId, revokedAt),
  } satisfies Partial<AuthorityStore>;
}

function shelfOf(shelves: Map<string, TaskShelf>, agentRuntimeId: string): TaskShelf {
  const shelf = shelves.get(agentRuntimeId) ?? { tasks: new Map(), taskIdsByRegistration: new Map() };
  shelves.set(agentRuntimeId, shelf);
  return shelf;
}

function signingKeyMethods(tables: MemoryTables) {
  return {
    listSigningKeys: async () => tables.signingKeys,
    async addFirstSigningKey(key) {
      if (tables.signingKeys.length === 0) tables.signingKeys = [key];
    },
    async rotateSigningKey(key, othersPublishedUntil) {
      const others = tables.signingKeys.map((other) => ({
        ...other,
        publishedUntil: Math.min(other.publishedUntil ?? othersPublishedUntil, othersPublishedUntil),
      }));
      tables.signingKeys = [...others, key];
    },
  } satisfies Partial<AuthorityStore>;
}

function markRevoked<Row extends { readonly revokedAt: number | null }>(
  rows: Map<string, Row> | undefined,
  id: string,
  revokedAt: number,
): boolean {
  const row = rows?.get(id);
  if (row === undefined) return false;
  if (row.revokedAt === null) rows?.set(id, { ...row, revokedAt });
  return true;
}
