import { constants } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { systemErrorCode } from 'agent-identity-core/http';

/** A file, or the reason why it cannot be read. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'not_utf8'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly cause?: unknown };

/**
 * Reads a UTF-8 file, also through a symbolic link. A folder, a device and a named pipe are refused: a pipe would block
 * until a process writes into it. A byte order mark stays part of the text.
 */
export async function readRegularFile(
  path: string,
  maxBytes: number,
  fs: Pick<typeof nodeFs, 'open'> = nodeFs,
): Promise<FileContent> {
  let file: nodeFs.FileHandle;
  try {
    file = await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === 'ENOENT') return { kind: 'missing' };
    return unreadable(`it cannot be opened (${code ?? 'unknown reason'})`, cause);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return unreadable('it is not a regular file');
    if (stats.size > maxBytes) return unreadable(`it has over ${maxBytes} bytes`);
    return decodeUtf8(await file.readFile());
  } catch (cause) {
    return unreadable(`it cannot be read (${systemErrorCode(cause) ?? 'unknown reason'})`, cause);
  } finally {
    await file.close();
  }
}

function unreadable(reason: string, cause?: unknown): FileContent {
  return { kind: 'unreadable', reason, cause };
}

function decodeUtf8(bytes: Uint8Array): FileContent {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const [first, second] = bytes;
    const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    return { kind: 'not_utf8', reason: isUtf16 ? 'it is UTF-16; save it as UTF-8' : 'it is not UTF-8' };
  }
}
