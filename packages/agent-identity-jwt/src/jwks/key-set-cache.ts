import type { Clock } from 'agent-identity-core';
import { createSingleFlight, readFreshness } from 'agent-identity-core/http';
import type { CryptoKey } from 'jose';
import type { JwksResponse } from './fetch-jwks.js';
import type { KeySet } from './key-set.js';

/** The lifetime of a set whose response has no `max-age`. */
const defaultLifetimeSeconds = 300;

/** With no set to use, a failure is repeated to callers for this time before the next attempt. */
const failurePauseSeconds = 1;

/** How long key sets are cached. See `RemoteJwksOptions`. */
export interface CacheLimits {
  readonly minCacheSeconds: number;
  readonly maxCacheSeconds: number;
  readonly staleIfErrorSeconds: number;
  readonly cooldownSeconds: number;
}

interface CachedKeySet {
  readonly keys: KeySet;
  readonly fetchedAt: number;
  readonly lifetimeSeconds: number;
}

/** Caches the last key set that was fetched, and decides when to fetch the next. */
export class KeySetCache {
  readonly #fetch: () => Promise<JwksResponse>;
  readonly #limits: CacheLimits;
  readonly #monotonicClock: Clock;
  readonly #flights = createSingleFlight<CachedKeySet>({ whenAbandoned: 'finish' });
  #cached: CachedKeySet | undefined;
  /** The failure of the last attempt, until one succeeds. */
  #failure: { readonly error: unknown; readonly at: number } | undefined;
  #lastFetchForKid = Number.NEGATIVE_INFINITY;

  constructor(fetch: () => Promise<JwksResponse>, limits: CacheLimits, monotonicClock: Clock) {
    this.#fetch = fetch;
    this.#limits = limits;
    this.#monotonicClock = monotonicClock;
  }

  /**
   * Returns the key, or words that say why there is none. Rejects if there is no set to use, and with the reason of an
   * abort.
   */
  async find(kid: string, signal: AbortSignal | undefined): Promise<CryptoKey | string> {
    const before = this.#cached;
    const current = await this.#current(signal);
    const found = await current.keys.find(kid);
    if (typeof found !== 'string' || current !== before) return found;
    const newer = this.#cached === current ? await this.#refreshForKid(signal) : this.#cached;
    return newer === undefined ? found : newer.keys.find(kid);
  }

  /** The set while it is fresh, else a new one. While fetching fails, the old one for a limited time. */
  async #current(signal: AbortSignal | undefined): Promise<CachedKeySet> {
    const cached = this.#cached;
    if (cached === undefined) return this.#refresh(failurePauseSeconds, signal);
    const { staleIfErrorSeconds, cooldownSeconds } = this.#limits;
    const secondsOver = this.#secondsSince(cached.fetchedAt) - cached.lifetimeSeconds;
    if (secondsOver < 0) return cached;
    if (secondsOver >= staleIfErrorSeconds) return this.#refresh(failurePauseSeconds, signal);
    return this.#refresh(cooldownSeconds, signal).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      return cached;
    });
  }

  /** Returns `undefined` if the set was already fetched for an unknown `kid` within the cooldown. */
  async #refreshForKid(signal: AbortSignal | undefined): Promise<CachedKeySet | undefined> {
    const { cooldownSeconds } = this.#limits;
    if (!this.#flights.isInProgress('') && this.#failure === undefined) {
      if (this.#secondsSince(this.#lastFetchForKid) < cooldownSeconds) return undefined;
      this.#lastFetchForKid = this.#monotonicClock();
    }
    return this.#refresh(cooldownSeconds, signal);
  }

  /** Joins the request in progress, or starts one unless one failed within the pause. */
  async #refresh(pauseSeconds: number, signal: AbortSignal | undefined): Promise<CachedKeySet> {
    const failure = this.#failure;
    const isPaused = failure !== undefined && this.#secondsSince(failure.at) < pauseSeconds;
    if (isPaused && !this.#flights.isInProgress('')) throw failure.error;
    return this.#flights.join('', () => this.#replace(), signal);
  }

  async #replace(): Promise<CachedKeySet> {
    try {
      const { keys, headers } = await this.#fetch();
      const lifetimeSeconds = lifetimeOf(headers, this.#limits);
      this.#cached = { keys, fetchedAt: this.#monotonicClock(), lifetimeSeconds };
      this.#failure = undefined;
      return this.#cached;
    } catch (error) {
      this.#failure = { error, at: this.#monotonicClock() };
      throw error;
    }
  }

  #secondsSince(then: number): number {
    return (this.#monotonicClock() - then) / 1000;
  }
}

/** `max-age` minus `Age`, within the bounds. */
function lifetimeOf(headers: Headers, { minCacheSeconds, maxCacheSeconds }: CacheLimits): number {
  const { maxAgeSeconds, ageSeconds } = readFreshness(headers);
  const seconds = maxAgeSeconds === undefined ? defaultLifetimeSeconds : maxAgeSeconds - ageSeconds;
  return Math.min(Math.max(seconds, minCacheSeconds), maxCacheSeconds);
}
