import type { Clock } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';
import type { MaybePromise } from '../agent-directory.js';
import type { CacheLimits } from './remote-directory-options.js';

/** After a failure, the same question fails for so long before it is asked again. */
const failurePauseSeconds = 1;

/** What an authority said about one runtime or task. */
export interface CachedAnswer<Entry> {
  /** `undefined`: there is none. */
  readonly entry: Entry | undefined;
  readonly etag: string | undefined;
  /** From when it was asked for, not from when it came: it may be no newer than that. */
  readonly lifetimeSeconds: number;
}

interface Held<Entry> extends CachedAnswer<Entry> {
  readonly askedAt: number;
}

/** Gets an answer, given the one at hand. Rejects with an error whose `retryable` tells an outage. */
export type Ask<Entry> = (
  path: string,
  held: CachedAnswer<Entry> | undefined,
) => Promise<CachedAnswer<Entry>>;

/**
 * Answers to one kind of question, by path. What there is and what there is not are kept apart, so that asking for
 * made-up ids pushes nothing out that is in use. Spans are taken absolutely, so that a clock set back prolongs none.
 */
export class AnswerCache<Entry> {
  readonly #ask: Ask<Entry>;
  readonly #limits: CacheLimits;
  readonly #clock: Clock;
  readonly #found: LRUCache<string, Held<Entry>>;
  readonly #absent: LRUCache<string, Held<Entry>>;
  readonly #failures: LRUCache<string, { readonly error: unknown; readonly at: number }>;
  readonly #pending = new Map<string, Promise<Held<Entry>>>();

  constructor(ask: Ask<Entry>, limits: CacheLimits, clock: Clock) {
    this.#ask = ask;
    this.#limits = limits;
    this.#clock = clock;
    const max = limits.maxCachedEntries;
    this.#found = new LRUCache({ max });
    this.#absent = new LRUCache({ max });
    this.#failures = new LRUCache({ max });
  }

  /** At once while an answer is fresh. Rejects where none can be had. */
  find(path: string): MaybePromise<Entry | undefined> {
    const held = this.#found.get(path) ?? this.#absent.get(path);
    if (held !== undefined && this.#secondsSince(held.askedAt) < held.lifetimeSeconds) return held.entry;
    return this.#renew(path, held);
  }

  async #renew(path: string, held: Held<Entry> | undefined): Promise<Entry | undefined> {
    try {
      return (await this.#joinOrAsk(path, held)).entry;
    } catch (error) {
      if (held?.entry !== undefined && isOutage(error) && this.#mayServeOn(held)) return held.entry;
      throw error;
    }
  }

  #mayServeOn({ askedAt, lifetimeSeconds }: Held<Entry>): boolean {
    return this.#secondsSince(askedAt) < lifetimeSeconds + this.#limits.staleIfErrorSeconds;
  }

  /** One request for all who wait for the same. */
  #joinOrAsk(path: string, held: Held<Entry> | undefined): Promise<Held<Entry>> {
    const pending = this.#pending.get(path);
    if (pending !== undefined) return pending;
    const failure = this.#failures.get(path);
    if (failure !== undefined && this.#secondsSince(failure.at) < failurePauseSeconds) {
      return Promise.reject(failure.error);
    }
    const asked = this.#askAndKeep(path, held).finally(() => this.#pending.delete(path));
    this.#pending.set(path, asked);
    return asked;
  }

  async #askAndKeep(path: string, held: Held<Entry> | undefined): Promise<Held<Entry>> {
    const askedAt = this.#clock();
    try {
      const answer = { ...(await this.#ask(path, held)), askedAt };
      const [itsKind, otherKind] =
        answer.entry === undefined ? [this.#absent, this.#found] : [this.#found, this.#absent];
      itsKind.set(path, answer);
      otherKind.delete(path);
      return answer;
    } catch (error) {
      this.#failures.set(path, { error, at: this.#clock() });
      throw error;
    }
  }

  #secondsSince(then: number): number {
    return Math.abs(this.#clock() - then) / 1000;
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'retryable') === true;
}
