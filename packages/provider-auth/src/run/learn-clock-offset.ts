import type { RunScopeState } from './run-scope.js';

/** What a refusal says about the time. */
export interface ClockTestimony {
  /** The server's time minus the caller's clock, uncorrected; `undefined` without a readable `Date`. */
  readonly serverOffsetSeconds: number | undefined;
  /** The correction in force when the request was signed. */
  readonly signedOffsetSeconds: number;
  readonly server: 'authapi' | 'provider';
}

/**
 * Corrects the run's clock if the server's differs by more than 30 s, and tells the observers.
 *
 * @returns whether the same request, signed again, would carry another time
 */
export function learnClockOffset(
  { clock, observation }: RunScopeState,
  { serverOffsetSeconds, signedOffsetSeconds, server }: ClockTestimony,
): boolean {
  const verdict = clock.judge(serverOffsetSeconds, signedOffsetSeconds);
  if (serverOffsetSeconds !== undefined && (verdict === 'learned' || verdict === 'too_far')) {
    const type = verdict === 'learned' ? 'clock_offset_learned' : 'clock_offset_refused';
    observation.notify({ type, offsetSeconds: serverOffsetSeconds, server });
  }
  return verdict === 'learned' || verdict === 'corrected_meanwhile';
}
