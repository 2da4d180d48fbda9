import { describeType } from 'agent-identity-core';
import { decodeJwtPart } from 'agent-identity-core/http';
import { jwtError } from '../errors.js';

/** An Agent Identity JWT has about 1 KiB. Longer strings are not parsed. */
const maxJwtLength = 16_384;

/** Three parts in the alphabet of base64url without padding (RFC 4648 section 5), none empty. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The last characters of a part that leave no stray bits (section 3.5), by its length modulo 4. */
const lastCharacters = { 2: 'AQgw', 3: 'AEIMQUYcgkosw048' } as const;

/** A JWS in compact form. The parts are still encoded. */
export interface CompactJwt {
  /** The whole token, without surrounding white space. */
  readonly jwt: string;
  readonly header: string;
  readonly payload: string;
}

/**
 * Splits a token into exactly three non-empty parts of strict base64url. White space and a byte order mark around it are
 * ignored: a token read from a file often ends with a newline.
 *
 * @throws AgentIdentityError `malformed_jwt`
 */
export function splitCompactJwt(text: string): CompactJwt {
  if (typeof text !== 'string' || text.length > maxJwtLength) {
    throw malformed(`a string of at most ${maxJwtLength} characters, got ${describeType(text)}`);
  }
  const jwt = text.trim();
  const [header = '', payload = '', signature = ''] = compactForm.test(jwt) ? jwt.split('.') : [];
  if (!isBase64Url(header) || !isBase64Url(payload) || !isBase64Url(signature)) {
    throw malformed(`exactly three non-empty parts of base64url without padding, got ${describeFlaw(jwt)}`);
  }
  return { jwt, header, payload };
}

function describeFlaw(jwt: string): string {
  if (/^bearer\s/i.test(jwt)) return 'a string that starts with the scheme Bearer';
  if (/\s/.test(jwt)) return 'white space inside';
  const count = jwt.split('.').length;
  return count === 3 ? 'other characters or an empty part' : `${count} ${count === 1 ? 'part' : 'parts'}`;
}

/** Whether text in the right alphabet is the one way to write some bytes. */
function isBase64Url(part: string): boolean {
  const over = part.length % 4;
  if (over === 0) return part !== '';
  return over !== 1 && lastCharacters[over as 2 | 3].includes(part.charAt(part.length - 1));
}

/**
 * Decodes a part from `splitCompactJwt` as a JSON object.
 *
 * @throws AgentIdentityError `malformed_jwt`
 */
export function decodeJsonPart(part: string, name: string): Record<string, unknown> {
  const value = decodeJwtPart(part);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`a JSON object as its ${name}`);
  }
  return value as Record<string, unknown>;
}

function malformed(expected: string): Error {
  return jwtError('malformed_jwt', `JWT: expected ${expected}`);
}
