import { parseJson } from './text.js';

/**
 * Whether a token may be a JWT or a fragment of one. API keys and personal access tokens are not JWTs. An Agent Identity
 * JWT contains the agent's private key, so nothing that looks like a JWT is sent as a key or bearer token.
 *
 * @example
 * ```ts
 * import { looksLikeJwt } from 'agent-identity-core/http';
 *
 * looksLikeJwt('sk-test'); // false
 * ```
 */
export function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') || token.split('.').length === 3 || carriesAgentKey(token);
}

/**
 * Whether a token, or a fragment of one, names the claim with an agent's private key, or contains such a key. For tokens that may be JWTs of
 * another kind: a ChatGPT access token, or a provider's own.
 *
 * @example
 * ```ts
 * import { carriesAgentKey } from 'agent-identity-core/http';
 *
 * carriesAgentKey('at-0123456789'); // false
 * ```
 */
export function carriesAgentKey(token: string): boolean {
  // A part that is cut at its beginning may have any of four alignments.
  if (holdsAgentKey(token)) return true;
  return token
    .split('.')
    .some((part) => [0, 1, 2, 3].some((start) => namesAgentKey(decodePrefix(part.slice(start)))));
}

function namesAgentKey(json: string): boolean {
  const text = json.replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return text.includes('agent_private_key') || holdsAgentKey(text);
}

/** The beginning of the base64 of an Ed25519 key in PKCS#8, version 1 or 2 (docs/protocol.md section 2). */
function holdsAgentKey(text: string): boolean {
  return /M(?:C4CAQAw|FECAQEw)BQYDK2Vw/.test(text);
}

/** Decodes up to the first character that is not base64url. */
function decodePrefix(part: string): string {
  const [text = ''] = part
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .split(/[^A-Za-z0-9+/]/);
  return atob(text.slice(0, text.length - (text.length % 4 === 1 ? 1 : 0)));
}

/**
 * Decodes one base64url part of a JWT as JSON. Nothing is verified.
 *
 * @returns `undefined` for anything but the base64url of UTF-8 JSON
 * @example
 * ```ts
 * import { decodeJwtPart } from 'agent-identity-core/http';
 *
 * decodeJwtPart('eyJhbGciOiJSUzI1NiJ9'); // { alg: 'RS256' }
 * ```
 */
export function decodeJwtPart(part: string): unknown {
  if (!/^[\w-]+$/.test(part) || part.length % 4 === 1) return undefined;
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  // Mostly ASCII, where the text is already decoded.
  if (!/[\u0080-\u00ff]/.test(binary)) return parseJson(binary);
  const text = decodeUtf8(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  return text === undefined ? undefined : parseJson(text);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Decodes the payload of a JWT and **verifies nothing**: anyone may have written it.
 *
 * @returns `undefined` unless there are three non-empty parts and the middle one is base64url of a JSON object
 * @example
 * ```ts
 * import { decodeUnverifiedJwtPayload } from 'agent-identity-core/http';
 *
 * decodeUnverifiedJwtPayload('eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'); // { sub: 'a' }
 * ```
 */
export function decodeUnverifiedJwtPayload(jwt: string): Record<string, unknown> | undefined {
  const parts = jwt.split('.');
  const [, payload = ''] = parts;
  if (parts.length !== 3 || parts.includes('')) return undefined;
  const value = decodeJwtPart(payload);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}
