import { ignoringErrors } from './ignoring-errors.js';

/** The subscribers of events in this process. */
export interface Subscribers<Event> {
  /** Tells all subscribers. Their exceptions are ignored: the event has already happened. */
  notify(event: Event): void;
  /** Returns a function that ends the subscription. The same listener may subscribe more than once. */
  subscribe(listener: (event: Event) => void): () => void;
}

/**
 * Creates an empty list of subscribers.
 *
 * @example
 * ```ts
 * import { createSubscribers } from 'agent-identity-core/http';
 *
 * const revocations = createSubscribers<string>();
 * const unsubscribe = revocations.subscribe((agentRuntimeId) => console.log(agentRuntimeId));
 * revocations.notify('agent-1');
 * unsubscribe();
 * ```
 */
export function createSubscribers<Event>(): Subscribers<Event> {
  const entries = new Set<{ readonly listener: (event: Event) => void }>();
  return {
    notify(event) {
      for (const { listener } of [...entries]) ignoringErrors(() => listener(event));
    },
    subscribe(listener) {
      const entry = { listener };
      entries.add(entry);
      return () => {
        entries.delete(entry);
      };
    },
  };
}
