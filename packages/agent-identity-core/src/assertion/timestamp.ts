import { coreError, kindOf } from '../errors.js';

/** RFC 3339 in UTC, whole seconds, `Z` (protocol section 3). */
const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * The second of a point in time, as the protocol writes it: `2026-04-23T00:00:00Z`.
 *
 * @throws AgentIdentityError `invalid_argument` outside the years 0 to 9999
 */
export function formatTimestamp(epochMilliseconds: number): string {
  const date = new Date(Math.floor(epochMilliseconds / 1000) * 1000);
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('.000Z', 'Z');
  if (!pattern.test(text)) {
    throw coreError(
      'invalid_argument',
      `clock: expected epoch milliseconds, got ${kindOf(epochMilliseconds)}`,
    );
  }
  return text;
}

/** The epoch milliseconds of a timestamp in exactly that form and of a day that exists; else `undefined`. */
export function parseTimestamp(text: string): number | undefined {
  if (!pattern.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return undefined;
  return new Date(milliseconds).toISOString().startsWith(text.slice(0, -1)) ? milliseconds : undefined;
}
