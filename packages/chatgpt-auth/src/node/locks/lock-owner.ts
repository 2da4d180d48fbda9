import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { kill, pid as ownPid, platform } from 'node:process';
import { parseJson, systemErrorCode } from 'agent-identity-core/http';
import * as z from 'zod';
import type { FileSystem } from '../file-effects.js';

/** Who holds a lock. */
export interface LockOwner {
  /** The boot and the pid namespace, where the system tells them, so that the pid means something. */
  readonly place: string;
  readonly pid: number;
  /** When the process started, as the system counts it, where it tells: a pid alone may be another process's by now. */
  readonly started?: string | undefined;
  /** One holding of one lock. */
  readonly nonce: string;
}

const ownerSchema: z.ZodType<LockOwner> = z.object({
  place: z.string(),
  pid: z.int().positive(),
  started: z.string().optional(),
  nonce: z.string(),
});

/** This process, about to hold a lock. */
export async function newOwner(fs: FileSystem): Promise<LockOwner> {
  const place = await currentPlace(fs);
  const stat = place === privateHost ? undefined : await readProcessStat(String(ownPid), fs);
  return { place, pid: ownPid, started: stat?.started, nonce: randomUUID() };
}

/** Reads an owner back; `undefined` for anything else. */
export function parseOwner(text: string): LockOwner | undefined {
  return ownerSchema.safeParse(parseJson(text)).data;
}

/** Whether the owner still runs; `undefined` where that cannot be told, as from another machine or container. */
export async function isRunning(owner: LockOwner, fs: FileSystem): Promise<boolean | undefined> {
  if (owner.place !== (await currentPlace(fs))) return undefined;
  if (!signalArrives(owner.pid)) return false;
  if (owner.started === undefined) return undefined;
  const stat = await readProcessStat(String(owner.pid), fs);
  return stat !== undefined && stat.started === owner.started && !['Z', 'X'].includes(stat.state);
}

function signalArrives(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** The place of this process alone, where `/proc` is missing or of another pid namespace, whose pids mean others. */
const privateHost = randomUUID();

async function currentPlace(fs: FileSystem): Promise<string> {
  if (platform !== 'linux') return hostname();
  try {
    if ((await fs.readlink('/proc/self')) !== String(ownPid)) return privateHost;
    const boot = await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await fs.readlink('/proc/self/ns/pid')}`;
  } catch {
    return privateHost;
  }
}

/** Fields 3 and 22 of `/proc/[pid]/stat`, counted behind the name, which may hold anything (proc(5)). */
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
