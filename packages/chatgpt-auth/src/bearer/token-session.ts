import { isAgentIdentityError } from 'agent-identity-core';
import { createSingleFlight, type RuntimeEffects } from 'agent-identity-core/http';
import { requireSameLogin } from '../account/require-same-login.js';
import type { ChatgptCredentials, ChatgptTokens } from '../auth-json/stored-credentials.js';
import type { ResolvedOptions } from '../open-chatgpt-auth-options.js';
import { needsRefresh, readRemaining, refreshPause } from './needs-refresh.js';
import { isLoginGone, isRefreshFailure } from './refresh-errors.js';
import { findRejection, rememberRejection } from './rejected-tokens.js';
import { mergeOutcomes, type RefreshOutcome, replaceTokens } from './replace-tokens.js';
import { requestTokenRefresh } from './request-token-refresh.js';

/** How long a failed save of refreshed tokens is not tried again. */
const savePause = 10_000;

/**
 * The tokens of one managed ChatGPT login, kept fresh (docs/protocol.md section 9). A refresh token works once, so refreshes
 * are shared within the process, and a second process rereads the tokens that the first one stored.
 */
export class TokenSession {
  #login: ChatgptCredentials;
  readonly #options: ResolvedOptions;
  readonly #effects: RuntimeEffects;
  readonly #flights = createSingleFlight<void>({ whenAbandoned: 'finish' });
  /** Until then unexpired tokens are not refreshed. By the monotonic clock. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Refreshed tokens that could not be saved, and when that is tried again, by the monotonic clock. */
  #unsaved: { readonly outcome: RefreshOutcome; readonly retryAt: number } | undefined;

  constructor(login: ChatgptCredentials, options: ResolvedOptions, effects: RuntimeEffects) {
    this.#login = login;
    this.#options = options;
    this.#effects = effects;
  }

  /** As last read or refreshed. */
  get login(): ChatgptCredentials {
    return this.#login;
  }

  /** Reads the login from the store and adopts its tokens. */
  async reread(): Promise<ChatgptCredentials> {
    await this.#read();
    return this.#login;
  }

  /**
   * Tokens that are good to use. Stale ones are refreshed first; others need no I/O. A failed refresh does not withhold
   * an access token that has not expired, and is not tried again within a minute then.
   */
  async freshTokens(signal?: AbortSignal): Promise<ChatgptTokens> {
    const { monotonicClock } = this.#effects;
    if (this.#unsaved !== undefined && monotonicClock() >= this.#unsaved.retryAt) {
      await this.#flights.join('save', () => this.#saveAgain(), signal);
    }
    if (this.#isStale() && monotonicClock() >= this.#pausedUntil) {
      await this.refresh(undefined, signal).catch((error: unknown) => {
        // Tokens that could not be saved are reported once.
        if (!isRefreshFailure(error) || this.#isExpired() || this.#unsaved !== undefined) throw error;
        this.#pause();
      });
    }
    return this.#login.tokens();
  }

  /**
   * Gets other tokens: those that another process has stored since, else new ones for the refresh token.
   *
   * @param refusedAccessToken An access token that a server refused although it did not look stale.
   */
  refresh(refusedAccessToken: string | undefined, signal?: AbortSignal): Promise<void> {
    const isGood = () => this.#login.tokens().accessToken !== refusedAccessToken && !this.#isStale();
    const work = async () => {
      await this.#saveAgain();
      await this.#read();
      if (isGood()) return;
      await this.#options.store.withLock('refresh', async () => {
        const text = await this.#read();
        if (!isGood()) await this.#spendRefreshToken(text);
      });
    };
    return this.#flights.join('refresh', work, signal);
  }

  /** Runs under the refresh lock. */
  async #spendRefreshToken(text: string): Promise<void> {
    const { store, tokenUrl } = this.#options;
    const { refreshToken } = this.#login.tokens();
    const remembered = await findRejection(tokenUrl, refreshToken);
    if (remembered !== undefined) throw remembered;
    await store.requireWritable?.();
    try {
      const tokens = await requestTokenRefresh(refreshToken, this.#options, this.#effects.fetch);
      await this.#adopt(text, {
        tokens,
        refreshedAt: this.#effects.clock(),
        spentRefreshToken: refreshToken,
      });
    } catch (error) {
      if (!isAgentIdentityError(error, 'token_refresh_rejected')) throw error;
      // A process without our lock, such as the published client, may have spent it first.
      if ((await this.reread()).tokens().refreshToken !== refreshToken) return;
      await rememberRejection(tokenUrl, refreshToken, error);
      throw error;
    }
  }

  /**
   * Uses refreshed tokens from now on and saves them. The old refresh token is spent, so they are used even if saving
   * them fails; unless the login is gone from the store.
   */
  async #adopt(text: string, refreshed: RefreshOutcome): Promise<void> {
    const before = this.#login;
    const outcome = mergeOutcomes(this.#unsaved?.outcome, refreshed);
    this.#login = this.#requireSameLogin(replaceTokens(text, outcome));
    try {
      await this.#save(outcome);
      this.#pause();
    } catch (error) {
      if (isLoginGone(error)) {
        this.#login = before;
      } else {
        this.#unsaved = { outcome, retryAt: this.#effects.monotonicClock() + savePause };
        this.#pause();
      }
      throw error;
    }
  }

  /** Leaves the tokens alone for a while, but not beyond their expiry. */
  #pause(): void {
    const { clock, monotonicClock } = this.#effects;
    const remaining = readRemaining(this.#login.tokens(), clock()) ?? refreshPause;
    // New tokens that look expired mean that our clock is wrong.
    const pause = remaining > 0 ? Math.min(remaining, refreshPause) : refreshPause;
    this.#pausedUntil = monotonicClock() + pause;
  }

  /** Changes the tokens and `last_refresh` in the document. Tokens that another process stored in the meantime win. */
  async #save(outcome: RefreshOutcome): Promise<void> {
    let stored = this.#login;
    await this.#options.store.update((text) => {
      stored = this.#requireSameLogin(text);
      if (text === undefined || stored.tokens().refreshToken !== outcome.spentRefreshToken) return undefined;
      const next = replaceTokens(text, outcome);
      stored = this.#requireSameLogin(next);
      return next;
    });
    this.#login = stored;
    this.#unsaved = undefined;
  }

  async #saveAgain(): Promise<void> {
    if (this.#unsaved === undefined) return;
    const { outcome } = this.#unsaved;
    try {
      await this.#save(outcome);
    } catch (error) {
      if (isLoginGone(error)) throw error;
      this.#unsaved = { outcome, retryAt: this.#effects.monotonicClock() + savePause };
    }
  }

  /** Reads the login from the store and adopts its tokens; while newer ones are not saved, keeps those. */
  async #read(): Promise<string> {
    const text = await this.#options.store.read();
    const stored = this.#requireSameLogin(text);
    if (stored.tokens().refreshToken !== this.#unsaved?.outcome.spentRefreshToken) this.#login = stored;
    return text ?? '';
  }

  #isExpired(): boolean {
    return !((readRemaining(this.#login.tokens(), this.#effects.clock()) ?? -1) > 0);
  }

  #isStale(): boolean {
    return needsRefresh(this.#login.tokens(), this.#effects.clock());
  }

  #requireSameLogin(text: string | undefined): ChatgptCredentials {
    return requireSameLogin(text, this.#login, this.#options);
  }
}
