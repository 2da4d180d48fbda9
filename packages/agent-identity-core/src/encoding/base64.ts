import * as backend from '#backend';

/** Encodes as standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return backend.encodeBase64(bytes);
}

/**
 * Decodes standard base64. Returns `undefined` for anything else: base64url, missing padding, white space, stray bits, or
 * a value that is not a string. JavaScript's decoders accept all of these silently, so the bytes are encoded again and
 * compared.
 */
export function decodeBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = backend.decodeBase64(text);
  return bytes !== undefined && backend.encodeBase64(bytes) === text ? bytes : undefined;
}

/** Encodes as base64url without padding (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return backend.encodeBase64Url(bytes);
}

/** Decodes base64url without padding. Returns `undefined` for anything else, like `decodeBase64`. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const bytes = backend.decodeBase64Url(text);
  return bytes !== undefined && backend.encodeBase64Url(bytes) === text ? bytes : undefined;
}
