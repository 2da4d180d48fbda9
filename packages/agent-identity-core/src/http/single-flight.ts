import { untilAborted } from './until-aborted.js';

/** Shares work in progress between callers that ask for the same key. */
export interface SingleFlight<T> {
  /**
   * Joins the work under this key, or starts it. Finished work is forgotten, whether it succeeded or failed. A caller's
   * abort rejects that caller only, with its signal's reason.
   */
  join(
    key: string,
    start: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal | null | undefined,
  ): Promise<T>;
  /** Whether work under this key is in progress. */
  isInProgress(key: string): boolean;
}

/** Options for {@link createSingleFlight}. */
export interface CreateSingleFlightOptions {
  /**
   * What happens when every caller has aborted: `abort` (default) aborts the work's signal and lets the next caller start
   * again; `finish` lets the work continue, and the next caller joins it.
   */
  readonly whenAbandoned?: 'abort' | 'finish' | undefined;
}

interface Flight<T> {
  readonly outcome: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Creates a single flight: concurrent calls with one key run the work once.
 *
 * @example
 * ```ts
 * import { createSingleFlight } from 'agent-identity-core/http';
 *
 * const flights = createSingleFlight<string>();
 * const [one, two] = await Promise.all([
 *   flights.join('key', async () => 'made once'),
 *   flights.join('key', async () => 'not called'),
 * ]);
 * ```
 */
export function createSingleFlight<T>({
  whenAbandoned = 'abort',
}: CreateSingleFlightOptions = {}): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  function launch(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    // Started in a microtask, so that a synchronous failure is a rejection too.
    const outcome = Promise.resolve()
      .then(() => start(controller.signal))
      .finally(() => remove(key, flight));
    const flight: Flight<T> = { outcome, controller, waiting: 0 };
    // A rejection that every caller has stopped waiting for is not unhandled.
    outcome.catch(() => {});
    flights.set(key, flight);
    return flight;
  }

  /** Returns whether the flight was still in progress. */
  function remove(key: string, flight: Flight<T>): boolean {
    return flights.get(key) === flight && flights.delete(key);
  }

  return {
    isInProgress: (key) => flights.has(key),
    async join(key, start, signal) {
      signal?.throwIfAborted();
      const flight = flights.get(key) ?? launch(key, start);
      flight.waiting += 1;
      try {
        return await untilAborted(flight.outcome, signal);
      } finally {
        flight.waiting -= 1;
        if (flight.waiting === 0 && whenAbandoned === 'abort' && remove(key, flight)) {
          flight.controller.abort(signal?.reason);
        }
      }
    },
  };
}
