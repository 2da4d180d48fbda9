import type { Clock } from 'agent-identity-core';

/** A difference up to this is the network's, or nobody's concern: assertions are good for minutes. */
const toleratedSeconds = 30;

/**
 * What a server's date means for a request that was signed by our clock.
 *
 * | verdict | meaning |
 * |---|---|
 * | `in_step` | the clock is not why it was refused |
 * | `learned` | the clock was off, and is corrected from now on |
 * | `corrected_meanwhile` | it was signed before the correction that another request brought |
 * | `too_far` | off by more than is believed of any server |
 */
type ClockVerdict = 'in_step' | 'learned' | 'corrected_meanwhile' | 'too_far';

/** The clock that a run signs by: the caller's own, and what the servers have told about it. */
export interface RunClock {
  /** Epoch milliseconds, corrected. */
  readonly now: Clock;
  /** What is added to the caller's clock, in whole seconds. */
  readonly offsetSeconds: number;
  /** The clock with the correction as it is now, whatever is learned later. */
  frozen(): { readonly now: Clock; readonly offsetSeconds: number };
  /** The offset that a server's `Date` speaks for, in whole seconds; `undefined` if it cannot be read. */
  offsetOf(date: string | null | undefined): number | undefined;
  /**
   * Judges an offset that a server spoke for when it refused a request.
   *
   * @param signedOffsetSeconds The correction in force when the request was signed.
   */
  judge(serverOffsetSeconds: number | undefined, signedOffsetSeconds: number): ClockVerdict;
}

export interface RunClockOptions {
  /** Off: no server is believed. */
  readonly learnClockOffset: boolean;
  readonly maxClockOffsetSeconds: number;
}

export function runClock(own: Clock, { learnClockOffset, maxClockOffsetSeconds }: RunClockOptions): RunClock {
  let offsetSeconds = 0;
  const differs = (one: number, other: number) => Math.abs(one - other) > toleratedSeconds;
  return {
    now: () => own() + offsetSeconds * 1000,
    get offsetSeconds() {
      return offsetSeconds;
    },
    frozen() {
      const at = offsetSeconds;
      return { now: () => own() + at * 1000, offsetSeconds: at };
    },
    offsetOf(date) {
      const serverNow = parseHttpDate(date);
      return serverNow === undefined ? undefined : Math.round((serverNow - own()) / 1000);
    },
    judge(serverOffsetSeconds, signedOffsetSeconds) {
      if (!learnClockOffset || serverOffsetSeconds === undefined) return 'in_step';
      if (!differs(serverOffsetSeconds, signedOffsetSeconds)) return 'in_step';
      if (!differs(serverOffsetSeconds, offsetSeconds)) return 'corrected_meanwhile';
      if (Math.abs(serverOffsetSeconds) > maxClockOffsetSeconds) return 'too_far';
      offsetSeconds = serverOffsetSeconds;
      return 'learned';
    },
  };
}

/** The form that servers send (RFC 9110 section 5.6.7); the obsolete ones are not worth a second look here. */
function parseHttpDate(date: string | null | undefined): number | undefined {
  if (typeof date !== 'string' || !/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(date))
    return undefined;
  const milliseconds = Date.parse(date);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
