import { join } from 'node:path';
import { systemErrorCode } from 'agent-identity-core/http';
import type { FileSystem } from '../file-effects.js';
import { isRunning, type LockOwner, parseOwner } from './lock-owner.js';

/** A lock between processes, made of files in one directory: `NAME.1`, `NAME.2`, and so on. */
export interface ProcessLock {
  readonly directory: string;
  readonly name: string;
}

/** The file that decides who holds a lock. */
export interface LatestGeneration {
  /** 0 where there is none: the lock is free. */
  readonly generation: number;
  /** `undefined` if the file is gone again, or is not one of ours. */
  readonly owner: LockOwner | undefined;
  /** When its holder last showed that it lives, by the file system's clock. */
  readonly heartbeat: number;
}

/** Reads the highest generation. */
export async function readLatest(lock: ProcessLock, fs: FileSystem): Promise<LatestGeneration> {
  const generation = await highestGeneration(lock, fs);
  if (generation === 0) return { generation, owner: undefined, heartbeat: 0 };
  try {
    const path = pathOf(lock, generation);
    const owner = parseOwner(await fs.readFile(path, 'utf8'));
    return { generation, owner, heartbeat: (await fs.lstat(path)).mtimeMs };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return readLatest(lock, fs);
    throw error;
  }
}

/** Whether the holder is known to have died; `undefined` where only its heartbeat can tell. */
export async function isAbandoned({ owner }: LatestGeneration, fs: FileSystem): Promise<boolean | undefined> {
  const running = owner === undefined ? undefined : await isRunning(owner, fs);
  return running === undefined ? undefined : !running;
}

/**
 * Tries to become the holder by being the first to make the next generation, and tells whether that worked.
 *
 * A dead holder's file is never taken away by those who find it: one of them makes the next generation, which a file
 * system lets exactly one do, and the others see that. A process that was stopped between looking and making may make
 * a generation that was there before and has been cleared away; it finds a higher one then, and steps back.
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
  if ((await highestGeneration(lock, fs)) === generation) return true;
  await removeFile(path, fs);
  return false;
}

/** Gives the lock back. A generation that was given back may be made again, since nobody took it for a dead one. */
export async function release(lock: ProcessLock, generation: number, fs: FileSystem): Promise<void> {
  await removeFile(pathOf(lock, generation), fs);
}

/**
 * Clears away, as the holder of this generation, what dead processes left: generations before the last, which stays to
 * be seen by whoever took it for dead, and drafts that are over a minute old.
 */
export async function prune(
  lock: ProcessLock,
  generation: number,
  now: number,
  fs: FileSystem,
): Promise<void> {
  for (const entry of await fs.readdir(lock.directory)) {
    const path = join(lock.directory, entry);
    const found = generationOf(lock, entry);
    if (found !== undefined && found < generation - 1) await removeFile(path, fs);
    if (entry.startsWith(`${lock.name}.new-`) && (await isOlderThanMinute(path, now, fs))) {
      await removeFile(path, fs);
    }
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

async function highestGeneration(lock: ProcessLock, fs: FileSystem): Promise<number> {
  const entries = await fs.readdir(lock.directory);
  return Math.max(0, ...entries.map((entry) => generationOf(lock, entry) ?? 0));
}

function generationOf({ name }: ProcessLock, entry: string): number | undefined {
  const digits = entry.startsWith(`${name}.`) ? entry.slice(name.length + 1) : '';
  return /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : undefined;
}

function pathOf({ directory, name }: ProcessLock, generation: number): string {
  return join(directory, `${name}.${generation}`);
}

async function isOlderThanMinute(path: string, now: number, fs: FileSystem): Promise<boolean> {
  try {
    return (await fs.lstat(path)).mtimeMs < now - 60_000;
  } catch {
    return false;
  }
}

async function removeFile(path: string, fs: FileSystem): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
