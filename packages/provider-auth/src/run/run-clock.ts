import type { Clock } from 'agent-identity-core';
import { parseHttpDate } from 'agent-identity-core/http';
import type { RunEvent } from './run-observer.js';

/** Smaller differences are ignored: assertions are valid for minutes. */
const toleratedSeconds = 30;

/** The server's time in a response that refused a request. */
interface ClockSample {
  /** The server's time minus the caller's clock, uncorrected; `undefined` without a readable `Date`. */
  readonly serverOffsetSeconds: number | undefined;
  /** The correction in force when the request was signed. */
  readonly signedOffsetSeconds: number;
  readonly server: 'authapi' | 'provider';
}

/** The clock that a run signs by: the caller's clock plus a correction learned from servers. */
export interface RunClock {
  /** Epoch milliseconds, corrected. */
  readonly now: Clock;
  /** The correction, in whole seconds. */
  readonly offsetSeconds: number;
  /** Returns the clock with the current correction. Corrections learned later do not change it. */
  snapshot(): { readonly now: Clock; readonly offsetSeconds: number };
  /** Returns a `Date` header's time minus the caller's clock, in whole seconds; `undefined` if it is not readable. */
  offsetOf(date: string | null | undefined): number | undefined;
  /**
   * Corrects the clock if the server's time differs by more than 30 s.
   *
   * @returns whether the same request, signed again, would carry another time
   */
  learn(sample: ClockSample): boolean;
}

/** Options for {@link createRunClock}. */
export interface CreateRunClockOptions {
  readonly clock: Clock;
  readonly learnClockOffset: boolean;
  readonly maxClockOffsetSeconds: number;
  readonly notify: (event: RunEvent) => void;
}

export function createRunClock({ clock, notify, ...limits }: CreateRunClockOptions): RunClock {
  let offsetSeconds = 0;
  return {
    now: () => clock() + offsetSeconds * 1000,
    get offsetSeconds() {
      return offsetSeconds;
    },
    snapshot() {
      const current = offsetSeconds;
      return { now: () => clock() + current * 1000, offsetSeconds: current };
    },
    offsetOf(date) {
      const serverNow = parseHttpDate(date);
      return serverNow === undefined ? undefined : Math.round((serverNow - clock()) / 1000);
    },
    learn({ serverOffsetSeconds, signedOffsetSeconds, server }) {
      if (!limits.learnClockOffset || serverOffsetSeconds === undefined) return false;
      if (!differs(serverOffsetSeconds, signedOffsetSeconds)) return false;
      // Another request has learned it since this one was signed.
      if (!differs(serverOffsetSeconds, offsetSeconds)) return true;
      const isCredible = Math.abs(serverOffsetSeconds) <= limits.maxClockOffsetSeconds;
      if (isCredible) offsetSeconds = serverOffsetSeconds;
      const type = isCredible ? 'clock_offset_learned' : 'clock_offset_refused';
      notify({ type, offsetSeconds: serverOffsetSeconds, server });
      return isCredible;
    },
  };
}

function differs(one: number, other: number): boolean {
  return Math.abs(one - other) > toleratedSeconds;
}
