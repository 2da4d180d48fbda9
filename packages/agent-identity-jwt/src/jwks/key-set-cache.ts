import type { Clock } from 'agent-identity-core';
import type { CryptoKey } from 'jose';
import { cacheSeconds } from './cache-seconds.js';
import type { JwksResponse } from './fetch-jwks.js';
import type { KeySet } from './key-set.js';
import type { RemoteJwksLimits } from './remote-jwks-options.js';
import { waitUnlessAborted } from './wait-unless-aborted.js';

/** After a failure with nothing to serve instead, callers are told of it for so long before the next attempt. */
const failurePauseSeconds = 1;

interface HeldKeySet {
  readonly keys: KeySet;
  readonly fetchedAt: number;
  readonly lifetimeSeconds: number;
}

/**
 * Keeps the last key set that could be fetched, and decides when to fetch the next. All spans are taken absolutely, so
 * that a clock set back does not prolong them.
 */
export class KeySetCache {
  readonly #fetch: () => Promise<JwksResponse>;
  readonly #limits: RemoteJwksLimits;
  readonly #clock: Clock;
  #held: HeldKeySet | undefined;
  #pending: Promise<HeldKeySet> | undefined;
  /** The last attempt's, until one succeeds. */
  #failure: { readonly error: unknown; readonly at: number } | undefined;
  #askedForKidAt = Number.NEGATIVE_INFINITY;

  constructor(fetch: () => Promise<JwksResponse>, limits: RemoteJwksLimits, clock: Clock) {
    this.#fetch = fetch;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The key, or in words why there is none. Rejects where the set cannot be had, and with the reason of an abort. */
  async find(kid: string, signal: AbortSignal | undefined): Promise<CryptoKey | string> {
    const before = this.#held;
    const held = await this.#current(signal);
    const found = await held.keys.find(kid);
    if (typeof found !== 'string' || held !== before) return found;
    const newer = this.#held === held ? await this.#refreshForKid(signal) : this.#held;
    return newer === undefined ? found : newer.keys.find(kid);
  }

  /** The set while it is fresh, else a new one; or the old one for a time, while there is no new one to be had. */
  async #current(signal: AbortSignal | undefined): Promise<HeldKeySet> {
    const held = this.#held;
    if (held === undefined) return this.#refresh(failurePauseSeconds, signal);
    const { staleIfErrorSeconds, cooldownSeconds } = this.#limits;
    const secondsOver = this.#secondsSince(held.fetchedAt) - held.lifetimeSeconds;
    if (secondsOver < 0) return held;
    if (secondsOver >= staleIfErrorSeconds) return this.#refresh(failurePauseSeconds, signal);
    return this.#refresh(cooldownSeconds, signal).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      return held;
    });
  }

  /** `undefined` where the set was fetched for an unknown `kid` a short while ago, and well. */
  async #refreshForKid(signal: AbortSignal | undefined): Promise<HeldKeySet | undefined> {
    const { cooldownSeconds } = this.#limits;
    if (this.#pending === undefined && this.#failure === undefined) {
      if (this.#secondsSince(this.#askedForKidAt) < cooldownSeconds) return undefined;
      this.#askedForKidAt = this.#clock();
    }
    return this.#refresh(cooldownSeconds, signal);
  }

  /** Joins the request that is under way, or starts one unless one failed within the pause. */
  async #refresh(pauseSeconds: number, signal: AbortSignal | undefined): Promise<HeldKeySet> {
    if (this.#pending === undefined) {
      if (this.#failure !== undefined && this.#secondsSince(this.#failure.at) < pauseSeconds) {
        throw this.#failure.error;
      }
      this.#pending = this.#replace().finally(() => {
        this.#pending = undefined;
      });
    }
    return waitUnlessAborted(this.#pending, signal);
  }

  async #replace(): Promise<HeldKeySet> {
    try {
      const { keys, headers } = await this.#fetch();
      const { minCacheSeconds, maxCacheSeconds } = this.#limits;
      const lifetimeSeconds = cacheSeconds(headers, minCacheSeconds, maxCacheSeconds);
      this.#held = { keys, fetchedAt: this.#clock(), lifetimeSeconds };
      this.#failure = undefined;
      return this.#held;
    } catch (error) {
      this.#failure = { error, at: this.#clock() };
      throw error;
    }
  }

  #secondsSince(then: number): number {
    return Math.abs(this.#clock() - then) / 1000;
  }
}
