import { constants } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { systemErrorCode } from 'agent-identity-core/http';

/** The text of a file, or the reason why it cannot be read; no reason means that there is no such file. */
export type FileContent =
  | { readonly text: string }
  | { readonly reason: string | undefined; readonly cause?: unknown };

/**
 * Reads a UTF-8 file, also through a symbolic link. A folder, a device and a named pipe are refused: a pipe would block
 * until somebody writes into it. A byte order mark stays part of the text.
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
    if (code === 'ENOENT') return { reason: undefined };
    return { reason: `it cannot be opened (${code ?? 'unknown reason'})`, cause };
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return { reason: 'it is not a regular file' };
    if (stats.size > maxBytes) return { reason: `it has over ${maxBytes} bytes` };
    return decodeUtf8(await file.readFile());
  } catch (cause) {
    return { reason: `it cannot be read (${systemErrorCode(cause) ?? 'unknown reason'})`, cause };
  } finally {
    await file.close();
  }
}

function decodeUtf8(bytes: Uint8Array): FileContent {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { reason: 'it is not UTF-8' };
  }
}
