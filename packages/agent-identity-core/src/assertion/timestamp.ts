import { coreError, describeType } from '../errors.js';

/** RFC 3339 in UTC, whole seconds, `Z` (docs/protocol.md section 3). */
const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const year10000 = 253_402_300_800_000;

/**
 * The second of a point in time, as the protocol writes it: `2026-04-23T00:00:00Z`.
 *
 * @throws AgentIdentityError `invalid_argument` outside the years 1970 to 9999
 */
export function formatTimestamp(epochMilliseconds: number): string {
  const isInRange = epochMilliseconds >= 0 && epochMilliseconds < year10000;
  if (typeof epochMilliseconds !== 'number' || !isInRange) {
    throw coreError(
      'invalid_argument',
      `clock: expected epoch milliseconds, got ${describeType(epochMilliseconds)}`,
    );
  }
  return `${new Date(epochMilliseconds).toISOString().slice(0, 19)}Z`;
}

/** Formats as `formatTimestamp` does, and makes what two timestamps of one minute share only once. */
export function timestampFormatter(): (epochMilliseconds: number) => string {
  let minute: number | undefined;
  let upToMinute = '';
  return (epochMilliseconds) => {
    const second = Math.floor(epochMilliseconds / 1000);
    if (Math.floor(second / 60) !== minute) {
      upToMinute = formatTimestamp(epochMilliseconds).slice(0, -'00Z'.length);
      minute = Math.floor(second / 60);
    }
    return `${upToMinute}${String(second % 60).padStart(2, '0')}Z`;
  };
}

/** The epoch milliseconds of a timestamp in exactly that form and of a second that exists; else `undefined`. */
export function parseTimestamp(text: string): number | undefined {
  if (!pattern.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  // `Date.parse` takes 30 February for 2 March, and hour 24 for the next day; the rest is NaN.
  const day = Number(text.slice(8, 10));
  return new Date(milliseconds).getUTCDate() === day ? milliseconds : undefined;
}
