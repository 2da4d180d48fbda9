import { chatgptAuthError } from '../../errors.js';
import type { RuntimeFileEffects } from '../file-effects.js';
import { createOwner, type LockOwner } from './lock-owner.js';
import {
  heartbeat,
  isAbandoned,
  type LatestGeneration,
  type ProcessLock,
  prune,
  readLatest,
  release,
  tryAcquire,
} from './process-lock.js';

const firstPollMilliseconds = 10;
const maxPollMilliseconds = 250;

/** Longer than two registrations take with all their attempts. */
const maxWaitMilliseconds = 5 * 60_000;

const heartbeatMilliseconds = 5_000;

/**
 * The time without a heartbeat after which a holder counts as dead, if its process cannot be looked up. It is counted while
 * we wait and not read from a clock, so a suspended machine or a wrong clock makes no holder dead. A paused process still
 * holds the lock.
 */
const heartbeatTimeoutMilliseconds = 30_000;

/**
 * Runs work while no other process holds this lock. It survives crashes: the lock of a process that is known to have died is
 * taken over at once. If the process cannot be looked up (on another machine, in another container), its lock is taken over
 * after 30 s without a heartbeat.
 *
 * @throws AgentIdentityError `lock_unavailable`
 */
export async function withProcessLock<T>(
  lock: ProcessLock,
  effects: RuntimeFileEffects,
  work: () => Promise<T>,
): Promise<T> {
  const generation = await acquire(lock, effects);
  const stopHeartbeat = startHeartbeat(lock, generation, effects);
  try {
    return await work();
  } finally {
    stopHeartbeat();
    await release(lock, generation, effects.fs).catch(() => undefined); // else it ends with this process
  }
}

async function acquire(lock: ProcessLock, effects: RuntimeFileEffects): Promise<number> {
  try {
    await effects.fs.mkdir(lock.directory, { recursive: true, mode: 0o700 });
    const owner = await createOwner(effects.fs);
    const generation = await waitForLock(lock, owner, effects);
    await prune(lock, generation, effects.fs);
    return generation;
  } catch (cause) {
    if (cause instanceof LockTimeout) {
      const minutes = maxWaitMilliseconds / 60_000;
      const text = `${lock.directory}: another process held the lock ${lock.name} for over ${minutes} minutes`;
      throw chatgptAuthError('lock_unavailable', text, { retryable: true });
    }
    const text = `${lock.directory}: the lock ${lock.name} cannot be taken; the folder must be writable and allow hard links`;
    throw chatgptAuthError('lock_unavailable', text, { cause });
  }
}

class LockTimeout extends Error {}

async function waitForLock(
  lock: ProcessLock,
  owner: LockOwner,
  { fs, sleep }: RuntimeFileEffects,
): Promise<number> {
  const silence = new HeartbeatTimeout();
  let waited = 0;
  for (let poll = firstPollMilliseconds; ; poll = Math.min(poll * 1.5, maxPollMilliseconds)) {
    const latest = await readLatest(lock, fs);
    const abandoned = latest.generation === 0 || ((await isAbandoned(latest, fs)) ?? silence.isOver(latest));
    if (abandoned && (await tryAcquire(lock, latest.generation + 1, owner, fs))) return latest.generation + 1;
    if (waited > maxWaitMilliseconds) throw new LockTimeout();
    await sleep(poll);
    waited += poll;
    silence.add(poll);
  }
}

/** How long we have waited without a heartbeat of the same holder. */
class HeartbeatTimeout {
  #last = '';
  #milliseconds = 0;

  add(milliseconds: number): void {
    this.#milliseconds += milliseconds;
  }

  isOver({ generation, owner, heartbeat: last }: LatestGeneration): boolean {
    const sign = JSON.stringify([generation, owner?.nonce, last]);
    if (sign !== this.#last) this.#milliseconds = 0;
    this.#last = sign;
    return this.#milliseconds > heartbeatTimeoutMilliseconds;
  }
}

/** A failed heartbeat is not an error: at worst another machine considers the holder dead. */
function startHeartbeat(
  lock: ProcessLock,
  generation: number,
  { fs, clock }: RuntimeFileEffects,
): () => void {
  const timer = setInterval(() => {
    heartbeat(lock, generation, clock(), fs).catch(() => undefined);
  }, heartbeatMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
