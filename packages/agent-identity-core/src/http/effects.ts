import type { Clock } from '../clock.js';
import { coreError, describeType } from '../errors.js';
import { invalidArgument } from './require-argument.js';
import { requireKnownOptions } from './require-known-options.js';

/**
 * Overrides for ambient dependencies of a call that uses the network. All are optional; the defaults are the runtime's
 * own.
 */
export interface HttpEffects {
  /** Sends a request. Default: the runtime's `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Epoch milliseconds, for timestamps that leave the process. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
  /** Milliseconds since an arbitrary origin, never decreasing; for ages. Default: `performance.now`. */
  readonly monotonicClock?: Clock | undefined;
  /** Resolves after the given milliseconds, or rejects with the signal's reason. */
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** A number in [0, 1), for jitter. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Ends the caller's wait. */
  readonly signal?: AbortSignal | undefined;
}

/** {@link HttpEffects} with every default filled in; `signal` stays optional. */
export interface RuntimeEffects {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly signal: AbortSignal | undefined;
}

const functionNames = ['fetch', 'clock', 'monotonicClock', 'sleep', 'random'] as const;

/**
 * Fills in the runtime's own `fetch`, clocks, `sleep` and `random` where the caller gave none.
 *
 * @throws AgentIdentityError `invalid_argument` for an unknown member, an effect that is not a function, or a signal
 * that is not an `AbortSignal`
 * @example
 * ```ts
 * import { resolveEffects } from 'agent-identity-core/http';
 *
 * const { fetch, clock } = resolveEffects({ clock: () => 1_776_902_400_000 });
 * ```
 */
export function resolveEffects(effects: HttpEffects = {}): RuntimeEffects {
  requireKnownOptions(effects, [...functionNames, 'signal'], 'effects');
  for (const name of functionNames) {
    const effect = effects[name];
    if (effect !== undefined && typeof effect !== 'function') {
      throw invalidArgument(`effects.${name}`, 'a function', effect);
    }
  }
  requireSignal(effects.signal, 'effects.signal');
  return {
    fetch: effects.fetch ?? runtimeFetch,
    clock: effects.clock ?? Date.now,
    monotonicClock: effects.monotonicClock ?? monotonicNow,
    sleep: effects.sleep ?? sleep,
    random: effects.random ?? Math.random,
    signal: effects.signal,
  };
}

/**
 * Requires an `AbortSignal`, also one of another realm.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireSignal } from 'agent-identity-core/http';
 *
 * requireSignal(AbortSignal.timeout(1000), 'signal');
 * ```
 */
export function requireSignal(signal: AbortSignal | null | undefined, name: string): void {
  if (signal === undefined || signal === null) return;
  const methods = ['throwIfAborted', 'addEventListener'];
  if (
    typeof signal === 'object' &&
    methods.every((method) => typeof Reflect.get(signal, method) === 'function')
  ) {
    return;
  }
  throw invalidArgument(name, 'an AbortSignal', signal);
}

/**
 * Reads a clock and requires a finite number.
 *
 * @returns milliseconds
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { readClock } from 'agent-identity-core/http';
 *
 * const now = readClock(Date.now);
 * ```
 */
export function readClock(clock: Clock): number {
  const now: unknown = clock();
  if (typeof now === 'number' && Number.isFinite(now)) return now;
  throw coreError('invalid_argument', `clock() did not return a finite number but ${describeType(now)}`);
}

/** One function for all calls, so that two calls with the default are seen to share it. Looked up at each request. */
const runtimeFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);

const monotonicNow: Clock = () => performance.now();

/**
 * Calls back after the given milliseconds.
 *
 * @param options `keepsAlive: false` lets a Node process end before that. Default: true.
 * @returns cancels the timer
 * @example
 * ```ts
 * import { startTimer } from 'agent-identity-core/http';
 *
 * const cancel = startTimer(1000, () => {});
 * cancel();
 * ```
 */
export function startTimer(
  milliseconds: number,
  onElapsed: () => void,
  { keepsAlive = true }: { readonly keepsAlive?: boolean } = {},
): () => void {
  // biome-ignore lint/style/noRestrictedGlobals: the one place that sets timers: default sleep and deadlines.
  const timer: unknown = setTimeout(onElapsed, milliseconds);
  // A number in browsers, where nothing waits for timers.
  if (!keepsAlive) (timer as { unref?(): void }).unref?.();
  return () => clearTimeout(timer as number);
}

/** Leaves no timer and no listener behind. */
function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = startTimer(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
