import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { describeType } from 'agent-identity-core';
import { isHeaderSafe } from 'agent-identity-core/http';
import { brokerError } from '../errors.js';

const minLength = 32;

/** Creates a random access token of 256 bits. **Secret.** */
export function createAccessToken(): string {
  return `broker-${randomBytes(32).toString('base64url')}`;
}

/**
 * @param token **Secret.** At least 32 visible ASCII characters.
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireAccessToken(token: unknown): string {
  if (isHeaderSafe(token) && token.length >= minLength) return token;
  const got = typeof token === 'string' ? 'another text' : describeType(token);
  throw brokerError(
    'invalid_argument',
    `accessToken: expected ${minLength} or more visible ASCII characters, got ${got}`,
  );
}

/**
 * Creates the check whether a client sent the access token: as a bearer token, or in one of the headers that SDKs use for
 * API keys. The token is compared in constant time.
 */
export function createAccessCheck(accessToken: string): (headers: IncomingHttpHeaders) => boolean {
  const expected = Buffer.from(accessToken);
  const isExpected = (given: string | undefined) => {
    if (given === undefined || given.length !== expected.length) return false;
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  };
  return ({ authorization, 'api-key': apiKey, 'x-api-key': xApiKey }) =>
    isExpected(/^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]) ||
    isExpected(singleValue(apiKey)) ||
    isExpected(singleValue(xApiKey));
}

function singleValue(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
