import * as nodeFs from 'node:fs/promises';
import { type Flock, loadFlock } from './locks/flock.js';

/** What the stores do with files: functions of `node:fs/promises`. */
export type FileSystem = Pick<
  typeof nodeFs,
  | 'chown'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'readFile'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'unlink'
  | 'utimes'
  | 'writeFile'
>;

/** What a store may be given in place of the runtime's own. */
export interface FileEffects {
  readonly fs?: FileSystem | undefined;
  /**
   * The system call of that name, to take part in the locks of the published client; from `fs-ext-extra-prebuilt` by
   * default.
   */
  readonly flock?: Flock | undefined;
  /** Epoch milliseconds; `Date.now` by default. */
  readonly clock?: (() => number) | undefined;
  /** Waits between two looks at a lock that somebody holds. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** The effects, all there but `flock`, which cannot be had everywhere. */
export interface RuntimeFileEffects {
  readonly fs: FileSystem;
  flock(): Promise<Flock | undefined>;
  clock(): number;
  sleep(milliseconds: number): Promise<void>;
}

export function withFileEffects({ fs, flock, clock, sleep }: FileEffects): RuntimeFileEffects {
  return {
    fs: fs ?? nodeFs,
    flock: flock === undefined ? loadFlock : async () => flock,
    clock: clock ?? Date.now,
    sleep: sleep ?? ((milliseconds) => new Promise((resolve) => startTimer(milliseconds, resolve))),
  };
}

function startTimer(milliseconds: number, onElapsed: () => void): void {
  // biome-ignore lint/style/noRestrictedGlobals: the default of the injected sleep.
  setTimeout(onElapsed, milliseconds);
}

/** The code of a failed system call, such as `ENOENT`. */
export function errorCodeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}
