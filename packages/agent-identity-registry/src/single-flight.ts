import { untilAborted } from './http/until-aborted.js';

/** Work that is under way, and how many wait for it. */
interface Flight<T> {
  readonly outcome: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Shares work under way between callers who ask for the same. */
export interface SingleFlight<T> {
  /**
   * The outcome of the flight under this key; starts one if there is none. A finished flight is forgotten, whether it
   * failed or not. A caller's abort rejects that caller only, with its signal's reason; the flight is aborted when the
   * last one who waits has gone, and the next caller starts another.
   */
  join(key: string, start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
}

export function singleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  function launch(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const outcome = start(controller.signal).finally(() => land(key, flight));
    const flight: Flight<T> = { outcome, controller, waiting: 0 };
    flights.set(key, flight);
    return flight;
  }

  /** Whether it was still under way. */
  function land(key: string, flight: Flight<T>): boolean {
    return flights.get(key) === flight && flights.delete(key);
  }

  return {
    async join(key, start, signal) {
      signal?.throwIfAborted();
      const flight = flights.get(key) ?? launch(key, start);
      flight.waiting += 1;
      try {
        return await untilAborted(flight.outcome, signal);
      } finally {
        flight.waiting -= 1;
        if (flight.waiting === 0 && land(key, flight)) flight.controller.abort(signal?.reason);
      }
    },
  };
}
