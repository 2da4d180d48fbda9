import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { kill, pid as ownPid, platform } from 'node:process';
import { parseJson, systemErrorCode } from 'agent-identity-core/http';
import * as z from 'zod/mini';
import type { FileSystem } from '../file-effects.js';

/** The process that holds a lock. */
export interface LockOwner {
  /** The boot and the pid namespace, where the system has them: a pid means nothing elsewhere. */
  readonly place: string;
  readonly pid: number;
  /** When the process started, in the system's ticks: another process may have the same pid later. */
  readonly started?: string | undefined;
  /** One holding of one lock. */
  readonly nonce: string;
}

const ownerSchema = z.object({
  place: z.string(),
  pid: z.int().check(z.positive()),
  started: z.optional(z.string()),
  nonce: z.string(),
});

/** This process, about to hold a lock. */
export async function createOwner(fs: FileSystem): Promise<LockOwner> {
  const place = await findPlace(fs);
  const stat = place === undefined ? undefined : await readProcessStat(String(ownPid), fs);
  const nonce = randomUUID();
  // Without a place, the nonce is used instead, which no other process has.
  return { place: place ?? nonce, pid: ownPid, started: stat?.started, nonce };
}

/** Parses the content of a lock file; `undefined` for anything else. */
export function parseOwner(text: string): LockOwner | undefined {
  return ownerSchema.safeParse(parseJson(text)).data;
}

/** Whether the owner still runs; `undefined` if that cannot be known, such as from another machine or container. */
export async function isRunning(owner: LockOwner, fs: FileSystem): Promise<boolean | undefined> {
  if (owner.place !== (await findPlace(fs))) return undefined;
  if (!existsProcess(owner.pid)) return false;
  if (owner.started === undefined) return undefined;
  const stat = await readProcessStat(String(owner.pid), fs);
  return stat !== undefined && stat.started === owner.started && !['Z', 'X'].includes(stat.state);
}

function existsProcess(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** @returns `undefined` where `/proc` is missing or belongs to another pid namespace */
async function findPlace(fs: FileSystem): Promise<string | undefined> {
  if (platform !== 'linux') return hostname();
  try {
    if ((await fs.readlink('/proc/self')) !== String(ownPid)) return undefined;
    const boot = await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await fs.readlink('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** Fields 3 and 22 of `/proc/[pid]/stat`, counted after the name, which may contain anything (proc(5)). */
async function readProcessStat(
  pid: string,
  fs: FileSystem,
): Promise<{ state: string; started: string } | undefined> {
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    return state === undefined || started === undefined ? undefined : { state, started };
  } catch {
    return undefined; // no such process, or no such file system
  }
}
