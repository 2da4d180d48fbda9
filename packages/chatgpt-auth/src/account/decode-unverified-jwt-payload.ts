const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The payload of a JWT, **not verified**: three non-empty parts, the middle one base64url of a JSON object. `undefined`
 * for anything else. Nothing here says who made it.
 */
export function decodeUnverifiedJwtPayload(jwt: string): Record<string, unknown> | undefined {
  const parts = jwt.split('.');
  const [, payload = ''] = parts;
  if (parts.length !== 3 || parts.includes('') || !/^[\w-]+$/.test(payload)) return undefined;
  try {
    const binary = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const json = decoder.decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
