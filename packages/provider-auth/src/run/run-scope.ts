import {
  type HttpEffects,
  invalidArgument,
  type RuntimeEffects,
  requireKnownOptions,
  requireSeconds,
  resolveEffects,
} from 'agent-identity-core/http';
import { observeRun, type RunObservation } from './observe-run.js';
import { createRunClock, type RunClock } from './run-clock.js';
import type { RunObserver } from './run-observer.js';

/** Options for {@link createRunScope}. */
export interface CreateRunScopeOptions {
  /** Receive the operations and events of the run, such as `openTelemetryObserver()`. Default: none. */
  readonly observers?: readonly RunObserver[] | undefined;
  /**
   * Whether the run corrects its clock by the `Date` of a server that refuses a request and whose time differs by more
   * than 30 s. The request is then retried once. Default: true.
   */
  readonly learnClockOffset?: boolean | undefined;
  /** Larger clock differences are not believed. Default: 86,400. */
  readonly maxClockOffsetSeconds?: number | undefined;
  /**
   * How long no other replacement task is registered after a replacement that failed or was never accepted, so that a
   * server which refuses every task is not flooded. Default: 30.
   */
  readonly replacementCooldownSeconds?: number | undefined;
}

/**
 * One run of an agent: the state that its providers share. It holds the run's one task, the bearer fallback and the
 * clock correction. Create one per run or session.
 */
export interface RunScope {
  /** Whether agent identity was unavailable, so that the session uses its bearer token for the rest of its life. */
  readonly isBearerFallbackEngaged: boolean;
  /** The servers' time minus the local time, in whole seconds: added to the clock when signing. */
  readonly clockOffsetSeconds: number;
}

/** The internals of a {@link RunScope}. */
export interface RunScopeState {
  readonly effects: RuntimeEffects;
  readonly clock: RunClock;
  readonly observation: RunObservation;
  readonly replacementCooldownSeconds: number;
  isBearerFallbackEngaged: boolean;
}

const internals = new WeakMap<RunScope, RunScopeState>();

const optionNames = [
  'observers',
  'learnClockOffset',
  'maxClockOffsetSeconds',
  'replacementCooldownSeconds',
] as const satisfies readonly (keyof CreateRunScopeOptions)[];

const effectNames = ['fetch', 'clock', 'monotonicClock', 'sleep', 'random'] as const;

/**
 * Creates the scope of a run. `loadAuth` creates one by itself; create your own to observe a run, or to separate two
 * sessions that share credentials.
 *
 * @param effects Used for everything that the run does, such as registering a replacement task.
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { createRunScope, loadAuth } from 'provider-auth';
 *
 * const observer = { onEvent: (event: { type: string }) => console.log(event.type) };
 * const scope = createRunScope({ observers: [observer], replacementCooldownSeconds: 60 });
 * const auth = await loadAuth({ apiKey: 'sk-test', scope });
 * ```
 */
export function createRunScope(
  options: CreateRunScopeOptions = {},
  effects: Omit<HttpEffects, 'signal'> = {},
): RunScope {
  requireKnownOptions(options, optionNames, 'options');
  requireKnownOptions(effects, effectNames, 'effects');
  const { observers = [], learnClockOffset = true } = options;
  const { maxClockOffsetSeconds = 86_400, replacementCooldownSeconds = 30 } = options;
  if (!Array.isArray(observers) || !observers.every(isObserver)) {
    throw invalidArgument('observers', 'a list of objects with onEvent or onOperation', observers);
  }
  if (typeof learnClockOffset !== 'boolean') {
    throw invalidArgument('learnClockOffset', 'a boolean', learnClockOffset);
  }
  requireSeconds(maxClockOffsetSeconds, 'maxClockOffsetSeconds');
  requireSeconds(replacementCooldownSeconds, 'replacementCooldownSeconds');
  const observation = observeRun([...observers]);
  const runtimeEffects = resolveEffects(effects);
  const { clock } = runtimeEffects;
  const { notify } = observation;
  return bindInternals({
    effects: runtimeEffects,
    clock: createRunClock({ clock, learnClockOffset, maxClockOffsetSeconds, notify }),
    observation,
    replacementCooldownSeconds,
    isBearerFallbackEngaged: false,
  });
}

function bindInternals(state: RunScopeState): RunScope {
  const scope: RunScope = Object.freeze({
    get isBearerFallbackEngaged() {
      return state.isBearerFallbackEngaged;
    },
    get clockOffsetSeconds() {
      return state.clock.offsetSeconds;
    },
  });
  internals.set(scope, state);
  return scope;
}

/** @throws AgentIdentityError `invalid_argument` */
export function internalsOfScope(scope: RunScope): RunScopeState {
  const state = internals.get(scope);
  if (state === undefined) throw invalidArgument('scope', 'the result of createRunScope', scope);
  return state;
}

/** Has at least one method, and no member that is mistaken for one. */
function isObserver(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const kinds = ['onEvent', 'onOperation'].map((name) => typeof Reflect.get(value, name));
  return kinds.includes('function') && kinds.every((kind) => kind === 'function' || kind === 'undefined');
}
