import { type Finding, found, passed } from './finding.js';

const warnSeconds = 2;
const problemSeconds = 30;

/** Judges a clock that is this much ahead of the one of this machine. */
export function checkClock(whose: string, aheadMs: number): Finding {
  const seconds = aheadMs / 1000;
  const direction = seconds < 0 ? 'behind' : 'ahead of';
  const message = `the clock of ${whose} is ${Math.abs(seconds).toFixed(1)} s ${direction} this machine`;
  if (Math.abs(seconds) <= warnSeconds) return passed('clock', message);
  const level = Math.abs(seconds) > problemSeconds ? 'problem' : 'warning';
  return found(level, 'clock', { code: 'clock_differs', message });
}
