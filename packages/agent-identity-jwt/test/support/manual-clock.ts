/** A clock that stands until it is moved. */
export interface ManualClock {
  readonly clock: () => number;
  advance(seconds: number): void;
}

export function manualClock(startSeconds: number): ManualClock {
  let now = startSeconds * 1000;
  return {
    clock: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
