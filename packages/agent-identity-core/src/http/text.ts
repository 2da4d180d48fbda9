/**
 * Whether a value is non-empty visible ASCII, without spaces: safe as the value of a header.
 *
 * @example
 * ```ts
 * import { isHeaderSafe } from 'agent-identity-core/http';
 *
 * isHeaderSafe('account-1'); // true
 * ```
 */
export function isHeaderSafe(text: unknown): text is string {
  return typeof text === 'string' && /^[\x21-\x7e]+$/.test(text);
}

/** Cuts a member name and replaces control characters: it may come from outside, and must not control a terminal. */
export function printableName(name: string, maxLength = 64): string {
  return name.slice(0, maxLength).replaceAll(/[^\x20-\x7e]/g, '?');
}

/** How secrets look that people give where the name of a file belongs. */
const secretPattern =
  /[{}\r\n]|^(?:eyJ|aie_|(?:sk|at|broker)-[\w-]{16,}$|ssh-ed25519 )|-----BEGIN|^[\w+=-][\w+/=-]{39,}$/;

/**
 * Returns the name of a file for an error message, unless it looks like a secret that was given in place of the name.
 *
 * @example
 * ```ts
 * import { showFileName } from 'agent-identity-core/http';
 *
 * showFileName('/run/secrets/agent.jwt'); // '/run/secrets/agent.jwt'
 * showFileName('eyJhbGciOiJSUzI1NiJ9.e30.c2ln'); // 'what looks like a secret, not like the name of a file'
 * ```
 */
export function showFileName(path: string): string {
  const isSecret = secretPattern.test(path) || path.length > 1024;
  return isSecret ? 'what looks like a secret, not like the name of a file' : path;
}

/**
 * Parses JSON without throwing. The parser's own error quotes the text, which may hold a secret.
 *
 * @returns `undefined` for anything that is not JSON
 * @example
 * ```ts
 * import { parseJson } from 'agent-identity-core/http';
 *
 * const value: unknown = parseJson('{"task_id":"task-1"}');
 * ```
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns the code of a failed system call, such as `ECONNREFUSED`, from the error or its cause. Show nothing else of such
 * an error: its message and other members may contain a request.
 *
 * @example
 * ```ts
 * import { systemErrorCode } from 'agent-identity-core/http';
 *
 * systemErrorCode(Object.assign(new Error('open failed'), { code: 'ENOENT' })); // 'ENOENT'
 * ```
 */
export function systemErrorCode(error: unknown): string | undefined {
  for (const value of [error, readMember(error, 'cause')]) {
    const code = readMember(value, 'code');
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  }
  return undefined;
}

function readMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
