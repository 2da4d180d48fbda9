import type { HttpEffects } from 'agent-identity-core/http';
import { invalidArgument, isObject, requireEffects, requireObject } from '../argument.js';
import { type RuntimeEffects, withRuntimeEffects } from '../runtime-effects.js';
import type { AgentRun } from './agent-run.js';
import { observeRun, type RunObservation } from './observe-run.js';
import { type RunClock, runClock } from './run-clock.js';
import type { RunObserver } from './run-observer.js';

/** What a run does besides signing. */
export interface RunScopeOptions {
  /** Are told what happens in the run; `openTelemetryObserver` makes one. */
  readonly observers?: readonly RunObserver[] | undefined;
  /**
   * Whether a server that refuses a request and whose `Date` is more than 30 s off is believed about the time: the call
   * is then repeated once, dated by the server's clock. True by default.
   */
  readonly learnClockOffset?: boolean | undefined;
  /** No server is believed beyond this, in seconds; 86,400 by default. */
  readonly maxClockOffsetSeconds?: number | undefined;
  /**
   * How long no second replacement task is registered after one that failed or was never accepted, in seconds, so that
   * a server which refuses every task is not flooded; 30 by default.
   */
  readonly replacementCooldownSeconds?: number | undefined;
}

/**
 * One run of an agent: what its providers share. It holds the run's one task, whether the session has fallen back to
 * bearer, and what was learned about the clock. Make one per run (or session), and pass it wherever one is taken.
 */
export interface RunScope {
  /** Whether agent identity was unavailable, and the session uses the bearer token for the rest of its life. */
  readonly isBearerFallbackEngaged: boolean;
  /** What is added to the clock when signing, in whole seconds: the servers' time minus ours. */
  readonly clockOffsetSeconds: number;
}

/** What is inside a scope. */
export interface RunScopeState {
  readonly effects: RuntimeEffects;
  readonly clock: RunClock;
  readonly observation: RunObservation;
  readonly replacementCooldownSeconds: number;
  /** By the auth that they are of; `undefined` where it has no agent identity. */
  readonly agentRuns: WeakMap<object, Promise<AgentRun | undefined>>;
  isBearerFallbackEngaged: boolean;
}

const states = new WeakMap<RunScope, RunScopeState>();

/**
 * Makes the scope of a run.
 *
 * @param effects Used for all that the run itself does, such as registering a replacement task. `signal` is not: a
 * caller's abort ends that caller's wait only.
 * @throws AgentIdentityError `invalid_argument`
 */
export function createRunScope(options: RunScopeOptions = {}, effects: HttpEffects = {}): RunScope {
  requireObject(options, 'options');
  requireEffects(effects);
  const { observers = [], learnClockOffset = true } = options;
  const { maxClockOffsetSeconds = 86_400, replacementCooldownSeconds = 30 } = options;
  if (!Array.isArray(observers) || !observers.every(isObserver)) {
    throw invalidArgument('observers', 'a list of observers', observers);
  }
  if (typeof learnClockOffset !== 'boolean')
    throw invalidArgument('learnClockOffset', 'a boolean', learnClockOffset);
  for (const [name, seconds] of Object.entries({ maxClockOffsetSeconds, replacementCooldownSeconds })) {
    if (!Number.isFinite(seconds) || seconds < 0) throw invalidArgument(name, 'seconds, 0 or more', seconds);
  }
  const runtimeEffects = withRuntimeEffects(effects);
  const state: RunScopeState = {
    effects: runtimeEffects,
    clock: runClock(runtimeEffects.clock, { learnClockOffset, maxClockOffsetSeconds }),
    observation: observeRun([...observers]),
    replacementCooldownSeconds,
    agentRuns: new WeakMap(),
    isBearerFallbackEngaged: false,
  };
  return sealScope(state);
}

function sealScope(state: RunScopeState): RunScope {
  const scope: RunScope = Object.freeze({
    get isBearerFallbackEngaged() {
      return state.isBearerFallbackEngaged;
    },
    get clockOffsetSeconds() {
      return state.clock.offsetSeconds;
    },
  });
  states.set(scope, state);
  return scope;
}

/** @throws AgentIdentityError `invalid_argument` */
export function scopeStateOf(scope: RunScope): RunScopeState {
  const state = states.get(scope);
  if (state === undefined) throw invalidArgument('scope', 'one that createRunScope made', scope);
  return state;
}

function isObserver(value: unknown): boolean {
  const methods = ['onEvent', 'onOperation'];
  const isMethod = (method: unknown) => method === undefined || typeof method === 'function';
  return isObject(value) && methods.every((name) => isMethod(Reflect.get(value, name)));
}
