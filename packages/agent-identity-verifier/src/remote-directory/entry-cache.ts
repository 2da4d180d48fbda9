import type { Clock } from 'agent-identity-core';
import { createSingleFlight } from 'agent-identity-core/http';
import { LRUCache } from 'lru-cache';
import type { MaybePromise } from '../agent-directory.js';
import type { CacheLimits } from './remote-directory-options.js';

/** After a failure, the same request fails for this long without being sent. */
const failureCacheSeconds = 1;

/** An entry as an authority sent it. */
export interface FetchedEntry<Entry> {
  /** `undefined`: not found. */
  readonly entry: Entry | undefined;
  readonly etag: string | undefined;
  /** How long it may be cached, counted from the start of the request. */
  readonly lifetimeSeconds: number;
  /** How long it may be cached while the stream of changes is followed; 0: no longer. */
  readonly followSeconds: number;
}

interface CachedEntry<Entry> extends FetchedEntry<Entry> {
  /** The start of the request, by the monotonic clock. The entry may be as old as that. */
  readonly requestedAt: number;
  /** The session of the stream of changes at that time. */
  readonly session: object | undefined;
}

/** Fetches an entry, given the cached one. Rejects with an error that is `retryable` during an outage. */
export type FetchEntry<Entry> = (
  path: string,
  cached: FetchedEntry<Entry> | undefined,
) => Promise<FetchedEntry<Entry>>;

/**
 * Caches the entries of one kind by their path. Hits and misses have separate limits, so that requests for made-up ids
 * evict no entry that is in use. Ages are measured by the monotonic clock: setting the wall clock prolongs nothing.
 */
export class EntryCache<Entry> {
  readonly #fetchEntry: FetchEntry<Entry>;
  readonly #limits: CacheLimits;
  readonly #monotonicClock: Clock;
  /** See `ChangeFollower`. */
  readonly #session: () => object | undefined;
  readonly #hits: LRUCache<string, CachedEntry<Entry>>;
  readonly #misses: LRUCache<string, CachedEntry<Entry>>;
  readonly #failures: LRUCache<string, { readonly error: unknown; readonly failedAt: number }>;
  readonly #flights = createSingleFlight<CachedEntry<Entry>>();
  /** The running requests. What one of them fetches is not kept if the entry changes meanwhile. */
  readonly #requests = new Map<string, { isOutdated: boolean }>();

  constructor(
    fetchEntry: FetchEntry<Entry>,
    limits: CacheLimits,
    monotonicClock: Clock,
    session: () => object | undefined,
  ) {
    this.#session = session;
    this.#fetchEntry = fetchEntry;
    this.#limits = limits;
    this.#monotonicClock = monotonicClock;
    const max = limits.maxCachedEntries;
    this.#hits = new LRUCache({ max });
    this.#misses = new LRUCache({ max });
    this.#failures = new LRUCache({ max });
  }

  /** Finds an entry: synchronously if the cached one is fresh. Rejects if it cannot be fetched. */
  find(path: string): MaybePromise<Entry | undefined> {
    const cached = this.#hits.get(path) ?? this.#misses.get(path);
    if (cached !== undefined && this.#isFresh(cached)) return cached.entry;
    return this.#refresh(path, cached);
  }

  /** Forgets an entry that has changed. */
  drop(path: string): void {
    this.#hits.delete(path);
    this.#misses.delete(path);
    const request = this.#requests.get(path);
    if (request !== undefined) request.isOutdated = true;
  }

  /** Forgets all entries. */
  dropAll(): void {
    this.#hits.clear();
    this.#misses.clear();
    for (const request of this.#requests.values()) request.isOutdated = true;
  }

  #isFresh({ requestedAt, lifetimeSeconds, followSeconds, session }: CachedEntry<Entry>): boolean {
    const age = this.#secondsSince(requestedAt);
    if (age < lifetimeSeconds) return true;
    return age < followSeconds && session !== undefined && session === this.#session();
  }

  async #refresh(path: string, cached: CachedEntry<Entry> | undefined): Promise<Entry | undefined> {
    const failure = this.#failures.get(path);
    try {
      if (failure !== undefined && this.#secondsSince(failure.failedAt) < failureCacheSeconds) {
        throw failure.error;
      }
      return (await this.#flights.join(path, () => this.#fetchAndCache(path, cached))).entry;
    } catch (error) {
      if (cached?.entry !== undefined && isOutage(error) && this.#isStaleUsable(cached)) return cached.entry;
      throw error;
    }
  }

  #isStaleUsable({ requestedAt, lifetimeSeconds }: CachedEntry<Entry>): boolean {
    return this.#secondsSince(requestedAt) < lifetimeSeconds + this.#limits.staleIfErrorSeconds;
  }

  async #fetchAndCache(path: string, cached: CachedEntry<Entry> | undefined): Promise<CachedEntry<Entry>> {
    const requestedAt = this.#monotonicClock();
    const session = this.#session();
    const request = { isOutdated: false };
    this.#requests.set(path, request);
    try {
      const fetched = { ...(await this.#fetchEntry(path, cached)), requestedAt, session };
      if (request.isOutdated) return fetched;
      const isMiss = fetched.entry === undefined;
      (isMiss ? this.#misses : this.#hits).set(path, fetched);
      (isMiss ? this.#hits : this.#misses).delete(path);
      this.#failures.delete(path);
      return fetched;
    } catch (error) {
      this.#failures.set(path, { error, failedAt: this.#monotonicClock() });
      throw error;
    } finally {
      this.#requests.delete(path);
    }
  }

  #secondsSince(then: number): number {
    return (this.#monotonicClock() - then) / 1000;
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'retryable') === true;
}
