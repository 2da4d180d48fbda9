import { parseHttpDate } from 'agent-identity-core/http';

/** The times in the headers of a response. */
export interface ResponseTimes {
  /** The server's `Date` minus our clock, in whole seconds; `undefined` without a readable date. */
  readonly clockOffsetSeconds: number | undefined;
  /** `Retry-After` in seconds from now; `undefined` if it is missing or unreadable. */
  readonly retryAfterSeconds: number | undefined;
}

/** Reads `Date` and `Retry-After`, which is a number of seconds or a date by the server's clock (RFC 9110 section 10.2.3). */
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
