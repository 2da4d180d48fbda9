import { ignoringErrors } from 'agent-identity-core/http';

/** See `AgentDirectory.subscribe`. */
type DirectoryListener = (agentRuntimeId: string | undefined) => void;

/** The subscribers of a directory. */
export interface DirectoryChanges {
  notify(agentRuntimeId: string | undefined): void;
  subscribe(listener: DirectoryListener): () => void;
}

/** Creates an empty list of subscribers. What they throw is ignored. */
export function createDirectoryChanges(): DirectoryChanges {
  const listeners = new Set<{ readonly listener: DirectoryListener }>();
  return {
    notify(agentRuntimeId) {
      for (const { listener } of [...listeners]) ignoringErrors(() => listener(agentRuntimeId));
    },
    subscribe(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
}
