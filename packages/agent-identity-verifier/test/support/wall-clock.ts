import { onTestFinished, vi } from 'vitest';

/** Jumps of the wall clock, in seconds: an hour and ten years in both directions. */
export const wallClockJumps = [
  ['1 hour back', -3600],
  ['10 years back', -315_576_000],
  ['1 hour ahead', 3600],
  ['10 years ahead', 315_576_000],
] as const;

const realNow = Date.now.bind(Date);

/** Sets the wall clock of this process until the test is over. Monotonic clocks are not affected. */
export function jumpWallClock(seconds: number): void {
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => realNow() + seconds * 1000);
  onTestFinished(() => spy.mockRestore());
}
