import type { HttpEffects } from 'agent-identity-core/http';

/** The effects of a call, all there. */
export interface RuntimeEffects extends Required<Omit<HttpEffects, 'signal'>> {
  readonly signal: AbortSignal | undefined;
}

/** Fills what the caller did not give with the runtime's own. It is the only file that reaches for it. */
export function withRuntimeEffects(effects: HttpEffects): RuntimeEffects {
  return {
    fetch: effects.fetch ?? runtimeFetch,
    clock: effects.clock ?? Date.now,
    sleep: effects.sleep ?? sleep,
    random: effects.random ?? Math.random,
    signal: effects.signal,
  };
}

/** One function for all calls, so that calls with the default can be told to have the same. Looked up at each request. */
const runtimeFetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);

/** Calls back after so many milliseconds, unless the returned function is called before. */
export function startTimer(milliseconds: number, onElapsed: () => void): () => void {
  // biome-ignore lint/style/noRestrictedGlobals: the default of the injected sleep, and the time limits.
  const timer = setTimeout(onElapsed, milliseconds);
  return () => clearTimeout(timer);
}

/** For a signal that is not aborted yet. Leaves neither a timer nor a listener behind, however it ends. */
function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      stop();
      reject(signal?.reason);
    };
    const stop = startTimer(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
