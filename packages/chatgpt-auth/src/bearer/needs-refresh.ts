import { decodeUnverifiedJwtPayload } from 'agent-identity-core/http';
import type { ChatgptTokens } from '../auth-json/stored-credentials.js';

const minute = 60_000;
const day = 24 * 60 * minute;

/** How long before its expiry an access token is refreshed (docs/protocol.md section 9). */
const expiryMargin = 5 * minute;

/** How old the last refresh may be if the access token names no expiry (docs/protocol.md section 9). */
const maxAgeWithoutExpiry = 8 * day;

/**
 * How long an unexpired token is not refreshed again after a refresh or a failed one. A token may be valid for less than the
 * margin, and not every request must try a server that is down.
 */
export const refreshPause: number = minute;

/**
 * Whether tokens need a refresh before use. The expiry of the access token decides: within 5 minutes, unless it was
 * refreshed within the last minute. Only without a readable expiry does a last refresh over 8 days ago count.
 *
 * @param now Epoch milliseconds.
 */
export function needsRefresh({ accessToken, lastRefresh }: ChatgptTokens, now: number): boolean {
  const expiry = readExpiry(accessToken);
  if (expiry === undefined) return lastRefresh !== undefined && now - lastRefresh > maxAgeWithoutExpiry;
  if (expiry > now + expiryMargin) return false;
  return expiry <= now || !isWithinPause(lastRefresh, now);
}

/** Whether a stored time is within the last minute. One in the future is not: a clock was wrong. */
function isWithinPause(moment: number | undefined, now: number): boolean {
  return moment !== undefined && moment <= now && now < moment + refreshPause;
}

/**
 * How many milliseconds the access token is still valid by its own expiry; negative if it has expired.
 *
 * @returns `undefined` if it names no expiry
 */
export function readRemaining({ accessToken }: ChatgptTokens, now: number): number | undefined {
  const expiry = readExpiry(accessToken);
  return expiry === undefined ? undefined : expiry - now;
}

/** Epoch milliseconds, from the unverified token. */
function readExpiry(accessToken: string): number | undefined {
  const expiry = decodeUnverifiedJwtPayload(accessToken)?.['exp'];
  return typeof expiry === 'number' && Number.isFinite(expiry) ? expiry * 1000 : undefined;
}
