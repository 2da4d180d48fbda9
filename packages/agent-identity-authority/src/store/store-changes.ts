import type { StoreChange, StoreChangeListener } from './store-change.js';

/** Who is told of changes in this process. */
export interface StoreChanges {
  /** What a listener throws is ignored: it must not undo what has happened. */
  tell(change: StoreChange): void;
  subscribe(listener: StoreChangeListener): () => void;
}

export function storeChanges(): StoreChanges {
  const listeners = new Set<{ readonly listener: StoreChangeListener }>();
  return {
    tell(change) {
      for (const { listener } of [...listeners]) {
        try {
          listener(change);
        } catch {
          // It has been told.
        }
      }
    },
    subscribe(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
  };
}
