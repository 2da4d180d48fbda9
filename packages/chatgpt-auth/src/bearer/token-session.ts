import { isAgentIdentityError } from 'agent-identity-core';
import { createSingleFlight, type RuntimeEffects } from 'agent-identity-core/http';
import { requireSameLogin } from '../account/require-same-login.js';
import type { ChatgptCredentials, ChatgptTokens } from '../auth-json/stored-credentials.js';
import type { ResolvedOptions } from '../open-chatgpt-auth-options.js';
import { expiresLater, isWithinPause, needsRefresh } from './needs-refresh.js';
import { findRejection, rememberRejection } from './rejected-tokens.js';
import { requestTokenRefresh } from './request-token-refresh.js';
import { writeRefreshedTokens } from './write-refreshed-tokens.js';

/**
 * The tokens of one managed ChatGPT login, kept fresh (docs/protocol.md section 9). A refresh token works once. So
 * refreshes are shared within the process, and across processes the second one rereads what the first one stored.
 */
export class TokenSession {
  #login: ChatgptCredentials;
  readonly #options: ResolvedOptions;
  readonly #effects: RuntimeEffects;
  readonly #refreshes = createSingleFlight<void>({ whenAbandoned: 'finish' });
  /** Epoch milliseconds. */
  #lastFailure: number | undefined;

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
    this.#login = this.#requireSameLogin(await this.#options.store.read());
    return this.#login;
  }

  /**
   * Tokens that are good to use. Stale ones are refreshed first; others need no I/O. A failed refresh does not withhold
   * an access token that has not expired, and is not tried again within a minute then.
   */
  async freshTokens(signal?: AbortSignal): Promise<ChatgptTokens> {
    if (this.#isStale(this.#login) && !this.#isBackingOff()) {
      await this.refresh(undefined, signal).catch((error: unknown) => {
        if (!isRefreshFailure(error)) throw error;
        this.#lastFailure = this.#effects.clock();
        if (!this.#isBackingOff()) throw error;
      });
    }
    return this.#login.tokens();
  }

  /**
   * Gets other tokens: those that another process has stored meanwhile, else new ones for the refresh token.
   *
   * @param refusedAccessToken An access token that a server refused although it did not look stale.
   */
  refresh(refusedAccessToken: string | undefined, signal?: AbortSignal): Promise<void> {
    const isGood = (login: ChatgptCredentials) =>
      login.tokens().accessToken !== refusedAccessToken && !this.#isStale(login);
    const work = async () => {
      if (isGood(await this.reread())) return;
      await this.#options.store.withLock('refresh', async () => {
        if (!isGood(await this.reread())) await this.#spendRefreshToken();
      });
    };
    return this.#refreshes.join('refresh', work, signal);
  }

  async #spendRefreshToken(): Promise<void> {
    const { tokenUrl } = this.#options;
    const { refreshToken } = this.#login.tokens();
    const remembered = await findRejection(tokenUrl, refreshToken);
    if (remembered !== undefined) throw remembered;
    try {
      const response = await requestTokenRefresh(refreshToken, this.#options, this.#effects.fetch);
      await writeRefreshedTokens(response, refreshToken, {
        store: this.#options.store,
        now: this.#effects.clock(),
        requireLogin: (text) => this.#requireSameLogin(text),
        adopt: (login) => {
          this.#login = login;
        },
      });
    } catch (error) {
      if (!isAgentIdentityError(error, 'token_refresh_rejected')) throw error;
      // A process without our lock, such as the published client, may have spent it first.
      if ((await this.reread()).tokens().refreshToken !== refreshToken) return;
      await rememberRejection(tokenUrl, refreshToken, error);
      throw error;
    }
  }

  /** Whether a refresh failed within the last minute and the access token can still be used. */
  #isBackingOff(): boolean {
    const now = this.#effects.clock();
    return expiresLater(this.#login.tokens(), now) && isWithinPause(this.#lastFailure, now);
  }

  #isStale(login: ChatgptCredentials): boolean {
    return needsRefresh(login.tokens(), this.#effects.clock());
  }

  #requireSameLogin(text: string | undefined): ChatgptCredentials {
    return requireSameLogin(text, this.#login, this.#options);
  }
}

function isRefreshFailure(error: unknown): boolean {
  return isAgentIdentityError(error, 'token_refresh_rejected', 'token_refresh_failed', 'lock_unavailable');
}
