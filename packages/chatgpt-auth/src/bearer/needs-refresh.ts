import { decodeUnverifiedJwtPayload } from 'agent-identity-core/http';
import type { ChatgptTokens } from '../auth-json/stored-credentials.js';

const minute = 60_000;
const day = 24 * 60 * minute;

/** How long before its end an access token is refreshed, and after how long in any case (docs/protocol.md section 9). */
const expiryMargin = 5 * minute;
const longestWithoutRefresh = 8 * day;

/**
 * For how long a token that has not expired is left alone after a refresh, or an attempt at one: a token may live
 * shorter than the margin, and a server that is down is not asked by each request.
 */
const refreshPause = minute;

/**
 * Whether tokens are to be refreshed before use: the access token expires within 5 minutes, unless it was refreshed
 * within the last one, or the last refresh is over 8 days old. What is not known, since the token is no JWT or no refresh was noted, is no reason.
 *
 * @param now Epoch milliseconds.
 */
export function needsRefresh(tokens: ChatgptTokens, now: number): boolean {
  const { accessToken, lastRefresh } = tokens;
  const expiry = readExpiry(accessToken);
  if (expiry !== undefined && expiry <= now + expiryMargin) {
    return !(expiry > now && isWithinPause(lastRefresh, now));
  }
  return lastRefresh !== undefined && lastRefresh < now - longestWithoutRefresh;
}

/** Whether this moment was within the last minute, and not in the future, where another clock was off. */
export function isWithinPause(moment: number | undefined, now: number): boolean {
  return moment !== undefined && moment <= now && now < moment + refreshPause;
}

/** Whether the access token says that it has not expired yet. */
export function expiresLater({ accessToken }: ChatgptTokens, now: number): boolean {
  const expiry = readExpiry(accessToken);
  return expiry !== undefined && expiry > now;
}

/** Epoch milliseconds, as the token says, not verified. */
function readExpiry(accessToken: string): number | undefined {
  const expiry = decodeUnverifiedJwtPayload(accessToken)?.['exp'];
  return typeof expiry === 'number' ? expiry * 1000 : undefined;
}
