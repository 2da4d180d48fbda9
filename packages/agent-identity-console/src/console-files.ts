import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the console, as a server sends it. */
export interface ConsoleFile {
  readonly contentType: string;
  /** Files whose names contain a hash of their content can be cached for ever. */
  readonly isImmutable: boolean;
  readonly bytes: Uint8Array;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the files of the console: by their paths below the folder that serves them, such as `inspector.html`. They send requests
 * only to their own origin; serve them with `consoleHeaders`.
 *
 * @example
 * ```ts
 * import { readConsoleFiles } from 'agent-identity-console';
 *
 * const files = await readConsoleFiles();
 * const page = files.get('inspector.html');
 * ```
 */
export async function readConsoleFiles(): Promise<ReadonlyMap<string, ConsoleFile>> {
  const folder = fileURLToPath(new URL('pages/', import.meta.url));
  const names = await readdir(folder, { recursive: true });
  const files = new Map<string, ConsoleFile>();
  for (const name of names.map((name) => name.replaceAll('\\', '/')).sort()) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const bytes = new Uint8Array(await readFile(join(folder, name)));
    files.set(name, { contentType, isImmutable: name.startsWith('assets/'), bytes });
  }
  return files;
}

/**
 * The headers of every file. The policy allows nothing but the files themselves and requests to their own origin: no inline
 * script, no other host, no frame. So a secret that is pasted into the inspector cannot leave it.
 */
export const consoleHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
