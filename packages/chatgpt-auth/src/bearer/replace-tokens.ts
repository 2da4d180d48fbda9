import { setMember } from '../auth-json/set-member.js';
import type { RefreshedTokens } from './request-token-refresh.js';

/** A successful refresh. **Secret.** */
export interface RefreshOutcome {
  readonly tokens: RefreshedTokens;
  readonly spentRefreshToken: string;
  /** Epoch milliseconds. */
  readonly refreshedAt: number;
}

/** A refresh after one that is not saved: the document still holds the token that the first one spent. */
export function mergeOutcomes(unsaved: RefreshOutcome | undefined, next: RefreshOutcome): RefreshOutcome {
  if (unsaved === undefined) return next;
  const { id_token, access_token, refresh_token } = unsaved.tokens;
  const { tokens } = next;
  return {
    tokens: {
      id_token: tokens.id_token ?? id_token,
      access_token: tokens.access_token ?? access_token,
      refresh_token: tokens.refresh_token ?? refresh_token,
    },
    spentRefreshToken: unsaved.spentRefreshToken,
    refreshedAt: next.refreshedAt,
  };
}

/** Replaces the tokens of a refresh and `last_refresh` in the text of an `auth.json`, and nothing else. */
export function replaceTokens(text: string, { tokens, refreshedAt }: RefreshOutcome): string {
  let next = text;
  for (const member of ['id_token', 'access_token', 'refresh_token'] as const) {
    const token = tokens[member];
    if (token !== undefined) next = setMember(next, ['tokens', member], token);
  }
  return setMember(next, ['last_refresh'], new Date(refreshedAt).toISOString());
}
