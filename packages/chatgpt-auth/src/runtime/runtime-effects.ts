import type { HttpEffects } from 'agent-identity-core/http';

/** What opening ChatGPT auth may be given in place of the runtime's own; each call takes a signal of its own. */
export type ChatgptAuthEffects = Omit<HttpEffects, 'signal'>;

/** The effects that this package needs itself, filled in; `registry` are those to hand on, as they were given. */
export interface RuntimeEffects {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: () => number;
  readonly registry: ChatgptAuthEffects;
}

export function withRuntimeEffects({ fetch, clock, sleep, random }: ChatgptAuthEffects): RuntimeEffects {
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
