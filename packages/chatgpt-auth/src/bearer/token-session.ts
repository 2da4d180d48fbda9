import { isAgentIdentityError } from 'agent-identity-core';
import { requireSameLogin } from '../account/require-same-login.js';
import type { ChatgptCredentials, ChatgptTokens } from '../auth-json/stored-credentials.js';
import type { CheckedOptions } from '../chatgpt-auth-options.js';
import type { RuntimeEffects } from '../runtime/runtime-effects.js';
import { SingleFlight } from '../runtime/single-flight.js';
import { expiresLater, isWithinPause, needsRefresh } from './needs-refresh.js';
import { rejectionOf, rememberRejection } from './rejected-tokens.js';
import { requestTokenRefresh } from './request-token-refresh.js';
import { writeRefreshedTokens } from './write-refreshed-tokens.js';

/**
 * The tokens of one managed ChatGPT login, kept fresh (docs/protocol.md section 9). A refresh token works once, so within the
 * process refreshes are shared, and across processes the one who comes second rereads what the first one got.
 */
export class TokenSession {
  #login: ChatgptCredentials;
  readonly #options: CheckedOptions;
  readonly #effects: RuntimeEffects;
  readonly #refreshes = new SingleFlight<void>();
  /** Epoch milliseconds. */
  #lastFailure: number | undefined;

  constructor(login: ChatgptCredentials, options: CheckedOptions, effects: RuntimeEffects) {
    this.#login = login;
    this.#options = options;
    this.#effects = effects;
  }

  /** As last read or refreshed. */
  get login(): ChatgptCredentials {
    return this.#login;
  }

  /** The login as the store holds it now; a change of tokens is taken over. */
  async reread(): Promise<ChatgptCredentials> {
    this.#login = this.#sameLogin(await this.#options.store.read());
    return this.#login;
  }

  /**
   * Tokens that are good to use, refreshed before if need be; without any I/O if not. A refresh that fails is no reason
   * to withhold an access token that has not expired, and is not tried again within a minute then.
   */
  async freshTokens(signal?: AbortSignal): Promise<ChatgptTokens> {
    if (this.#isStale(this.#login) && !this.#mayWait()) {
      await this.refresh(undefined, signal).catch((error: unknown) => {
        if (!isRefreshFailure(error)) throw error;
        this.#lastFailure = this.#effects.clock();
        if (!this.#mayWait()) throw error;
      });
    }
    return this.#login.tokens();
  }

  /**
   * Gets other tokens: those that somebody else has stored meanwhile, else new ones for the refresh token.
   *
   * @param refusedAccessToken An access token that a server refused although it did not look stale.
   */
  refresh(refusedAccessToken: string | undefined, signal?: AbortSignal): Promise<void> {
    const isGood = (login: ChatgptCredentials) =>
      login.tokens().accessToken !== refusedAccessToken && !this.#isStale(login);
    return this.#refreshes.join(async () => {
      if (isGood(await this.reread())) return;
      await this.#options.store.exclusively('refresh', async () => {
        if (!isGood(await this.reread())) await this.#spendRefreshToken();
      });
    }, signal);
  }

  async #spendRefreshToken(): Promise<void> {
    const { tokenUrl } = this.#options;
    const { refreshToken } = this.#login.tokens();
    const remembered = await rejectionOf(tokenUrl, refreshToken);
    if (remembered !== undefined) throw remembered;
    try {
      const answer = await requestTokenRefresh(refreshToken, this.#options, this.#effects.fetch);
      await writeRefreshedTokens(answer, refreshToken, {
        store: this.#options.store,
        now: this.#effects.clock(),
        requireLogin: (text) => this.#sameLogin(text),
        adopt: (login) => {
          this.#login = login;
        },
      });
    } catch (error) {
      if (!isAgentIdentityError(error) || error.code !== 'token_refresh_rejected') throw error;
      // Somebody without our lock, such as the published client, may have spent it first.
      if ((await this.reread()).tokens().refreshToken !== refreshToken) return;
      await rememberRejection(tokenUrl, refreshToken, error);
      throw error;
    }
  }

  /** Whether a refresh has just failed, while the access token can be used still. */
  #mayWait(): boolean {
    const now = this.#effects.clock();
    return expiresLater(this.#login.tokens(), now) && isWithinPause(this.#lastFailure, now);
  }

  #isStale(login: ChatgptCredentials): boolean {
    return needsRefresh(login.tokens(), this.#effects.clock());
  }

  #sameLogin(text: string | undefined): ChatgptCredentials {
    return requireSameLogin(text, this.#login, this.#options.forcedWorkspaceIds);
  }
}

function isRefreshFailure(error: unknown): boolean {
  return (
    isAgentIdentityError(error) &&
    ['token_refresh_rejected', 'token_refresh_failed', 'lock_unavailable'].includes(error.code)
  );
}
