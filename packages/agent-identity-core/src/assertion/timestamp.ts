import { coreError, describeType } from '../errors.js';

/** RFC 3339 in UTC, whole seconds, `Z` (docs/protocol.md section 3). */
const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const year10000 = 253_402_300_800_000;

/**
 * Formats a time as the protocol writes it, rounded down to the second: `2026-04-23T00:00:00Z`.
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

/** Returns a function like `formatTimestamp` that formats the part up to the minute only once a minute. */
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

/** Returns epoch milliseconds, or `undefined` if the text has another form or names a second that does not exist. */
export function parseTimestamp(text: string): number | undefined {
  if (!pattern.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  // `Date.parse` reads 30 February as 2 March and hour 24 as the next day. Everything else that is invalid is NaN.
  const day = Number(text.slice(8, 10));
  return new Date(milliseconds).getUTCDate() === day ? milliseconds : undefined;
}
