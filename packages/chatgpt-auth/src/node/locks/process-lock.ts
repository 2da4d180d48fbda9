import { join } from 'node:path';
import { systemErrorCode } from 'agent-identity-core/http';
import type { FileSystem } from '../file-effects.js';
import { readRegularFile } from '../read-regular-file.js';
import { isRunning, type LockOwner, parseOwner } from './lock-owner.js';

/** A lock between processes, made of files in one directory: `NAME.1`, `NAME.2`, and so on. */
export interface ProcessLock {
  readonly directory: string;
  readonly name: string;
}

/** The file that decides who holds a lock. */
export interface LatestGeneration {
  /** 0 if there is none: the lock is free. */
  readonly generation: number;
  /** `undefined` if the file is not one of ours. */
  readonly owner: LockOwner | undefined;
  /** The last sign of life of the holder, by the file system's clock. */
  readonly heartbeat: number;
}

/** A lock file has about 150 bytes. */
const maxBytes = 4096;

/** Reads the highest generation. */
export async function readLatest(lock: ProcessLock, fs: FileSystem): Promise<LatestGeneration> {
  const generation = await findHighestGeneration(lock, fs);
  if (generation === 0) return { generation, owner: undefined, heartbeat: 0 };
  const path = pathOf(lock, generation);
  try {
    const file = await readRegularFile(path, maxBytes, fs);
    const owner = file.kind === 'text' ? parseOwner(file.text) : undefined;
    return { generation, owner, heartbeat: (await fs.lstat(path)).mtimeMs };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return readLatest(lock, fs);
    throw error;
  }
}

/** Whether the holder is known to have died; `undefined` if only its heartbeat can tell. */
export async function isAbandoned({ owner }: LatestGeneration, fs: FileSystem): Promise<boolean | undefined> {
  const running = owner === undefined ? undefined : await isRunning(owner, fs);
  return running === undefined ? undefined : !running;
}

/**
 * Tries to become the holder by creating the next generation.
 *
 * The file of a dead holder is never removed by the processes that find it: one of them creates the next generation,
 * which a file system lets exactly one do, and the others see that. A process that was paused between looking and
 * creating may create a generation that existed before and was pruned; it then finds a higher one and gives the lock up.
 *
 * @returns whether this process holds the lock now
 */
export async function tryAcquire(
  lock: ProcessLock,
  generation: number,
  owner: LockOwner,
  fs: FileSystem,
): Promise<boolean> {
  const path = pathOf(lock, generation);
  const draft = join(lock.directory, `${lock.name}.new-${owner.nonce}`);
  await fs.writeFile(draft, JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
  try {
    await fs.link(draft, path);
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '')) return false;
    throw error;
  } finally {
    await removeFile(draft, fs);
  }
  if ((await findHighestGeneration(lock, fs)) === generation) return true;
  await removeFile(path, fs);
  return false;
}

/** Releases the lock. A released generation may be created again, because no process took it over as dead. */
export async function release(lock: ProcessLock, generation: number, fs: FileSystem): Promise<void> {
  await removeFile(pathOf(lock, generation), fs);
}

/** How much older than this holder's own file a draft of a dead process is. By the file system's clock. */
const draftMilliseconds = 60_000;

/**
 * Removes, as the holder of this generation, the files of dead processes: old drafts, and older generations except the last
 * one, which other processes may still read.
 */
export async function prune(lock: ProcessLock, generation: number, fs: FileSystem): Promise<void> {
  const { mtimeMs: now } = await fs.lstat(pathOf(lock, generation));
  for (const entry of await fs.readdir(lock.directory)) {
    const path = join(lock.directory, entry);
    const found = parseGeneration(lock, entry);
    if (found !== undefined && found < generation - 1) await removeFile(path, fs);
    if (!entry.startsWith(`${lock.name}.new-`)) continue;
    const draft = await fs.lstat(path).catch(() => undefined);
    if (draft !== undefined && draft.mtimeMs < now - draftMilliseconds) await removeFile(path, fs);
  }
}

/** Shows that the holder lives. */
export async function heartbeat(
  lock: ProcessLock,
  generation: number,
  now: number,
  fs: FileSystem,
): Promise<void> {
  await fs.utimes(pathOf(lock, generation), now / 1000, now / 1000);
}

async function findHighestGeneration(lock: ProcessLock, fs: FileSystem): Promise<number> {
  const entries = await fs.readdir(lock.directory);
  return Math.max(0, ...entries.map((entry) => parseGeneration(lock, entry) ?? 0));
}

function parseGeneration({ name }: ProcessLock, entry: string): number | undefined {
  const digits = entry.startsWith(`${name}.`) ? entry.slice(name.length + 1) : '';
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : undefined;
}

function pathOf({ directory, name }: ProcessLock, generation: number): string {
  return join(directory, `${name}.${generation}`);
}

async function removeFile(path: string, fs: FileSystem): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
