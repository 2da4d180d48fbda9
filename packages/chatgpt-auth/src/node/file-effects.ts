import * as nodeFs from 'node:fs/promises';
import { requireKnownOptions, resolveEffects } from 'agent-identity-core/http';
import { type Flock, loadFlock } from './locks/flock.js';

/** The functions of `node:fs/promises` that the stores call. */
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

/** Overrides for ambient dependencies of a store. */
export interface FileEffects {
  /** Default: `node:fs/promises`. */
  readonly fs?: FileSystem | undefined;
  /** The `flock` system call, for the published client's locks. Default: from `fs-ext-extra-prebuilt`, if installed. */
  readonly flock?: Flock | undefined;
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Milliseconds that never decrease, for waiting. Default: `performance.now`. */
  readonly monotonicClock?: (() => number) | undefined;
  /** Waits between two attempts to take a lock. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** {@link FileEffects} with every default filled in; `flock` is not available everywhere. */
export interface RuntimeFileEffects {
  readonly fs: FileSystem;
  readonly flock: () => Promise<Flock | undefined>;
  readonly clock: () => number;
  readonly monotonicClock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** @throws AgentIdentityError `invalid_argument` */
export function resolveFileEffects(effects: FileEffects): RuntimeFileEffects {
  requireKnownOptions(effects, ['fs', 'flock', 'clock', 'monotonicClock', 'sleep'], 'effects');
  const { fs = nodeFs, flock } = effects;
  const { clock, monotonicClock, sleep } = resolveEffects({
    clock: effects.clock,
    monotonicClock: effects.monotonicClock,
    sleep: effects.sleep,
  });
  return { fs, flock: flock === undefined ? loadFlock : async () => flock, clock, monotonicClock, sleep };
}
