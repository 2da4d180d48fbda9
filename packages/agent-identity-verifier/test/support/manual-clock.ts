/** A clock that stands until it is moved. */
export interface ManualClock {
  readonly clock: () => number;
  advance(seconds: number): void;
}

export function manualClock(start: number): ManualClock {
  let now = start;
  return {
    clock: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
