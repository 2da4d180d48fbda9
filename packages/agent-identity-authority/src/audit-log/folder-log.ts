import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  decodeEntryBundle,
  encodeEntryBundle,
  type LogReader,
  logTilePath,
  parseUnverifiedCheckpoint,
} from 'agent-identity-authority-core/log';
import { systemErrorCode } from 'agent-identity-core/http';
import { programError } from '../errors.js';

const tileWidth = 256;

/** Reads a log that `exportLog` wrote. */
export function folderLogReader(folder: string): LogReader {
  const readSize = async () =>
    parseUnverifiedCheckpoint(await readFile(join(folder, 'checkpoint'), 'utf8')).size;
  const readBundle = async (index: number, size: number) => {
    const width = Math.min(tileWidth, size - index * tileWidth);
    return decodeEntryBundle(await readFile(join(folder, logTilePath('entries', index, width))));
  };
  return {
    readCheckpoint: () => readIfPresent(join(folder, 'checkpoint')),
    readTile: (level, index, width) => readFile(join(folder, logTilePath(level, index, width))),
    async readEntries(firstIndex, count) {
      const size = await readSize();
      const entries: Uint8Array[] = [];
      while (entries.length < count) {
        const index = firstIndex + entries.length;
        const bundle = await readBundle(Math.floor(index / tileWidth), size);
        entries.push(...bundle.slice(index % tileWidth));
      }
      return entries.slice(0, count);
    },
  };
}

/** What an export wrote. */
export interface ExportedLog {
  readonly size: number;
  readonly files: number;
}

/**
 * Writes a log as a static one (C2SP tlog-tiles): tiles, bundles of entries, and the checkpoint last. It skips full tiles that are
 * there already, so it can be repeated.
 */
export async function exportLog(reader: LogReader, folder: string): Promise<ExportedLog> {
  const note = await reader.readCheckpoint();
  if (note === undefined) throw programError('audit_log_broken', 'the audit log has no entries yet');
  const { size } = parseUnverifiedCheckpoint(note);
  let files = 0;
  const write = async (path: string, read: () => Promise<Uint8Array>) => {
    const file = join(folder, path);
    if ((await readIfPresent(file)) !== undefined) return;
    await writeAtomically(file, await read());
    files += 1;
  };
  for (let level = 0; tileWidth ** level <= size; level += 1) {
    const hashes = Math.floor(size / tileWidth ** level);
    for (let index = 0; index * tileWidth < hashes; index += 1) {
      const width = Math.min(tileWidth, hashes - index * tileWidth);
      const read = async () => (await reader.readTile(level, index, width)).subarray(0, width * 32);
      await write(logTilePath(level, index, width), read);
      if (level > 0) continue;
      const readEntries = async () => encodeEntryBundle(await reader.readEntries(index * tileWidth, width));
      await write(logTilePath('entries', index, width), readEntries);
    }
  }
  await writeAtomically(join(folder, 'checkpoint'), Buffer.from(note));
  return { size, files };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.unfinished`, bytes, { flush: true });
  await rename(`${path}.unfinished`, path);
}
