import { describeType } from 'agent-identity-core';
import { jwtError } from '../errors.js';

/** An Agent Identity JWT has about 1 KiB; more than this is not even looked at. */
const maxJwtLength = 16_384;

/** Three parts in the alphabet of base64url without padding (RFC 4648 section 5), none empty. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The characters that leave no stray bits (section 3.5) at the end of a part, by its length modulo 4. */
const lastCharacters = { 2: 'AQgw', 3: 'AEIMQUYcgkosw048' } as const;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The parts of a JWS in compact form that are read, still encoded. */
export interface CompactJwt {
  readonly header: string;
  readonly payload: string;
}

/**
 * Splits a token into exactly three non-empty parts of strict base64url.
 *
 * @throws AgentIdentityError `malformed_jwt`
 */
export function splitCompactJwt(jwt: string): CompactJwt {
  if (typeof jwt !== 'string' || jwt.length > maxJwtLength) {
    throw malformed(`a string of at most ${maxJwtLength} characters, got ${describeType(jwt)}`);
  }
  const [header = '', payload = '', signature = ''] = compactForm.test(jwt) ? jwt.split('.') : [];
  if (!isBase64Url(header) || !isBase64Url(payload) || !isBase64Url(signature)) {
    throw malformed('exactly three non-empty parts of base64url without padding');
  }
  return { header, payload };
}

/** Whether text in the right alphabet is the one way to write some bytes. */
function isBase64Url(part: string): boolean {
  const over = part.length % 4;
  if (over === 0) return part !== '';
  return over !== 1 && lastCharacters[over as 2 | 3].includes(part.charAt(part.length - 1));
}

/**
 * Decodes a part that `splitCompactJwt` gave. What `JSON.parse` says of bad text quotes it, so it is not passed on.
 *
 * @throws AgentIdentityError `malformed_jwt`
 */
export function decodeJsonPart(part: string, name: string): Record<string, unknown> {
  const value = parseJson(part);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`a JSON object as its ${name}`);
  }
  return value as Record<string, unknown>;
}

function parseJson(part: string): unknown {
  try {
    return JSON.parse(decodeText(part));
  } catch {
    return undefined;
  }
}

/** Where all bytes are ASCII, which is the rule, what `atob` gives is the text already. */
function decodeText(part: string): string {
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  if (!/[\u0080-\u00ff]/.test(binary)) return binary;
  return utf8.decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

function malformed(expected: string): Error {
  return jwtError('malformed_jwt', `JWT: expected ${expected}`);
}
