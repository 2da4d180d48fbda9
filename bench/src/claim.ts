import type { Measurement } from './measure.js';

/** What is claimed of an operation: a minimum ratio to the baseline of its group, or how many there are in a second. */
export interface Claim {
  readonly operation: string;
  readonly atLeast: number;
  readonly unit?: 'per second' | undefined;
}

export function isReached(
  { operation, atLeast, unit }: Claim,
  measurements: readonly Measurement[],
): boolean {
  const own = measurements.find(({ name }) => name === operation);
  if (own === undefined) return false;
  return unit === undefined ? own.ratio >= atLeast : 1e9 / own.nanoseconds >= atLeast;
}

export function claimText({ atLeast, unit }: Claim): string {
  if (atLeast === 0) return 'no goal';
  return unit === undefined ? `≥ ${Number(atLeast.toFixed(2))}` : `≥ ${atLeast.toLocaleString('en')} ${unit}`;
}
