import type { Clock } from '../clock.js';

/** What a call that goes over the network may be given in place of the runtime's own. All are optional. */
export interface HttpEffects {
  /** Sends a request; the runtime's `fetch` by default. */
  readonly fetch?: typeof globalThis.fetch;
  /** Epoch milliseconds; `Date.now` by default. */
  readonly clock?: Clock;
  /** Resolves after so many milliseconds, or rejects with the signal's reason. */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** A number in [0, 1), for jitter; `Math.random` by default. */
  readonly random?: () => number;
  /** Ends the caller's wait. */
  readonly signal?: AbortSignal;
}
