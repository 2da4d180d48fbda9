import { parseHttpDate } from './http-date.js';

/** What the headers of an answer say about time. */
export interface ResponseTimes {
  /** The server's `Date` minus our clock, in whole seconds; `undefined` without a readable one. */
  readonly clockOffsetSeconds: number | undefined;
  /** What `Retry-After` asks for, in seconds from now; `undefined` without a readable one. */
  readonly retryAfterSeconds: number | undefined;
}

/** Reads `Date` and `Retry-After`, the latter in seconds or as a date by the server's own clock (RFC 9110 section 10.2.3). */
export function readResponseTimes(headers: Headers, now: number): ResponseTimes {
  const serverNow = parseHttpDate(headers.get('date'));
  return {
    clockOffsetSeconds: serverNow === undefined ? undefined : serverNow / 1000 - Math.floor(now / 1000),
    retryAfterSeconds: readRetryAfter(headers.get('retry-after'), serverNow ?? now),
  };
}

function readRetryAfter(value: string | null, serverNow: number): number | undefined {
  if (value !== null && /^\d+$/.test(value)) return Number(value);
  const until = parseHttpDate(value);
  return until === undefined ? undefined : Math.max(0, Math.ceil((until - serverNow) / 1000));
}
