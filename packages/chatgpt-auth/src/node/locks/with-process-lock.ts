import { chatgptAuthError } from '../../errors.js';
import type { RuntimeFileEffects } from '../file-effects.js';
import { type LockOwner, newOwner } from './lock-owner.js';
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
const longestPollMilliseconds = 250;

/** Longer than two registrations take with all their attempts. */
const longestWaitMilliseconds = 5 * 60_000;

const heartbeatMilliseconds = 5_000;

/**
 * After how long without a heartbeat a holder counts as dead that cannot be asked for. Counted while we wait, and not
 * by the clock: a machine that slept, or whose clock is off, makes nobody dead.
 */
const longestHeartbeatTimeoutMilliseconds = 30_000;

/**
 * Runs work while no other process holds this lock. It survives crashes: the lock of a process that is known to have
 * died is taken over at once, one whose process cannot be asked for (on another machine, in another container) after
 * 30 s without a heartbeat.
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
    const owner = await newOwner(effects.fs);
    const generation = await waitForTurn(lock, owner, effects);
    await prune(lock, generation, effects.clock(), effects.fs);
    return generation;
  } catch (cause) {
    if (cause instanceof WaitedTooLong) {
      const minutes = longestWaitMilliseconds / 60_000;
      const text = `lock ${lock.name}: another process held it for over ${minutes} minutes`;
      throw chatgptAuthError('lock_unavailable', text, { retryable: true });
    }
    const text = `lock ${lock.name}: it cannot be taken at this place; the folder must be writable and allow hard links`;
    throw chatgptAuthError('lock_unavailable', text, { cause });
  }
}

class WaitedTooLong extends Error {}

async function waitForTurn(
  lock: ProcessLock,
  owner: LockOwner,
  { fs, sleep }: RuntimeFileEffects,
): Promise<number> {
  const silence = new HeartbeatTimeout();
  let waited = 0;
  for (let poll = firstPollMilliseconds; ; poll = Math.min(poll * 1.5, longestPollMilliseconds)) {
    const latest = await readLatest(lock, fs);
    const abandoned =
      latest.generation === 0 || ((await isAbandoned(latest, fs)) ?? silence.isTooLong(latest));
    if (abandoned && (await tryAcquire(lock, latest.generation + 1, owner, fs))) return latest.generation + 1;
    if (waited > longestWaitMilliseconds) throw new WaitedTooLong();
    await sleep(poll);
    waited += poll;
    silence.wait(poll);
  }
}

/** How long we have waited without a sign of life of the same holder. */
class HeartbeatTimeout {
  #last = '';
  #milliseconds = 0;

  wait(milliseconds: number): void {
    this.#milliseconds += milliseconds;
  }

  isTooLong({ generation, owner, heartbeat }: LatestGeneration): boolean {
    const sign = JSON.stringify([generation, owner?.nonce, heartbeat]);
    if (sign !== this.#last) this.#milliseconds = 0;
    this.#last = sign;
    return this.#milliseconds > longestHeartbeatTimeoutMilliseconds;
  }
}

/** A heartbeat that fails is not an error: at worst another machine takes the holder for dead. */
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
