import type { AuthStore } from 'chatgpt-auth';

export interface RecordingStore extends AuthStore {
  /** The calls of the store, in order. */
  readonly calls: string[];
}

/** A store that records its calls and passes them to another store. */
export function recordingStore(store: AuthStore): RecordingStore {
  const calls: string[] = [];
  return {
    calls,
    read() {
      calls.push('read');
      return store.read();
    },
    update(edit) {
      calls.push('update');
      return store.update(edit);
    },
    withLock(name, work) {
      calls.push(`lock ${name}`);
      return store.withLock(name, work);
    },
  };
}
