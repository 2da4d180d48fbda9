import { setMember } from '../auth-json/set-member.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import type { AuthStore } from '../store/auth-store.js';
import type { RefreshedTokens } from './request-token-refresh.js';

/** What storing an answer needs of the session that asked for it. */
export interface RefreshedTokensWriter {
  readonly store: AuthStore;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Reads a document that must hold the same login still. */
  requireLogin(text: string | undefined): ChatgptCredentials;
  /** Takes over what is valid from now on. */
  adopt(login: ChatgptCredentials): void;
}

/**
 * Stores refreshed tokens: those of the answer and `last_refresh` change, and nothing else does. Where other tokens
 * were stored meanwhile, those are taken over and nothing is written. When the store cannot be written the session
 * still takes over the new tokens, since the old refresh token is spent, and the error is passed on.
 */
export async function writeRefreshedTokens(
  answer: RefreshedTokens,
  spentRefreshToken: string,
  { store, now, requireLogin, adopt }: RefreshedTokensWriter,
): Promise<void> {
  let outcome: ChatgptCredentials | undefined;
  try {
    await store.update((text) => {
      outcome = undefined;
      const stored = requireLogin(text);
      if (text === undefined || stored.tokens().refreshToken !== spentRefreshToken) {
        outcome = stored;
        return undefined;
      }
      const next = withTokens(text, answer, now);
      outcome = requireLogin(next);
      return next;
    });
  } finally {
    if (outcome !== undefined) adopt(outcome);
  }
}

function withTokens(text: string, answer: RefreshedTokens, now: number): string {
  let next = text;
  for (const member of ['id_token', 'access_token', 'refresh_token'] as const) {
    const token = answer[member];
    if (token !== undefined) next = setMember(next, ['tokens', member], token);
  }
  return setMember(next, ['last_refresh'], new Date(now).toISOString());
}
