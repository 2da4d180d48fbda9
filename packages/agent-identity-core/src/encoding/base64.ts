import { backend } from '#backend';

/** Standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  return backend.encodeBase64(bytes);
}

/**
 * Reads standard base64 and nothing else: no base64url, no missing padding, no white space, no stray bits. The
 * decoders of JavaScript accept all of that in silence, so the bytes are encoded again and compared. `undefined` for
 * anything else, a value of another type included.
 */
export function decodeBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = backend.decodeBase64(text);
  return bytes !== undefined && backend.encodeBase64(bytes) === text ? bytes : undefined;
}

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return backend.encodeBase64Url(bytes);
}

/** Reads base64url without padding and nothing else. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const bytes = backend.decodeBase64Url(text);
  return bytes !== undefined && backend.encodeBase64Url(bytes) === text ? bytes : undefined;
}
