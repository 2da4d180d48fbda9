/** A clock that moves only when the test moves it. */
export interface ManualClock {
  /** The time in milliseconds, like `Date.now`. */
  readonly clock: () => number;
  advance(seconds: number): void;
}

/** @param start Milliseconds since 1970. */
export function manualClock(start: number): ManualClock {
  let now = start;
  return {
    clock: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
