import { describeType } from 'agent-identity-core';
import type { HttpEffects } from 'agent-identity-core/http';
import { chatgptAuthError } from '../errors.js';

/** What opening ChatGPT auth may be given in place of the runtime's own; each call takes a signal of its own. */
export type ChatgptAuthEffects = Omit<HttpEffects, 'signal'>;

/** The effects that this package needs itself, filled in; `registry` are those to hand on, as they were given. */
export interface RuntimeEffects {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: () => number;
  readonly registry: ChatgptAuthEffects;
}

/** @throws AgentIdentityError `invalid_option` */
export function withRuntimeEffects(effects: ChatgptAuthEffects): RuntimeEffects {
  const { fetch, clock, sleep, random } = effects;
  for (const [name, effect] of Object.entries({ fetch, clock, sleep, random })) {
    if (effect === undefined || typeof effect === 'function') continue;
    throw chatgptAuthError(
      'invalid_option',
      `effects.${name}: expected a function, got ${describeType(effect)}`,
    );
  }
  return {
    fetch: fetch ?? runtimeFetch,
    clock: clock ?? Date.now,
    registry: {
      ...(fetch && { fetch }),
      ...(clock && { clock }),
      ...(sleep && { sleep }),
      ...(random && { random }),
    },
  };
}

/** Looked up at each request. */
const runtimeFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);

/** Runs with a signal that aborts when the time is up; the timer is gone afterwards. */
export async function withTimeLimit<T>(
  seconds: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // biome-ignore lint/style/noRestrictedGlobals: a time limit, which an injected sleep must not shorten.
  const timer = setTimeout(() => controller.abort(new Error('the time limit was reached')), seconds * 1000);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
