import { parseAuthJson } from '../auth-json/parse-auth-json.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import { chatgptAuthError } from '../errors.js';
import type { ResolvedOptions } from '../open-chatgpt-auth-options.js';
import { findAccountId } from './account-binding.js';
import { requireAllowedCredentials } from './require-allowed-credentials.js';

/**
 * Reads a stored document that must still hold the managed ChatGPT login that was opened. The document may name an
 * account or a user that was unknown before; everything that was known must be the same. A caller that continues with the
 * returned login can therefore not be moved to another account step by step.
 *
 * @param text **Secret**: the document, if there is one.
 * @throws AgentIdentityError `logged_out`, `account_changed`, `workspace_not_allowed`, `login_method_not_allowed`,
 * `unreadable_auth_file`
 */
export function requireSameLogin(
  text: string | undefined,
  login: ChatgptCredentials,
  options: ResolvedOptions,
): ChatgptCredentials {
  if (text === undefined) {
    throw chatgptAuthError('logged_out', 'ChatGPT auth: the credentials are gone from the store');
  }
  const { forcedWorkspaceIds, store } = options;
  const stored = parseAuthJson(text, { location: store.location });
  requireAllowedCredentials(stored, options);
  if (
    stored.kind !== 'chatgpt' ||
    hasChanged(stored.claims.chatgptUserId, login.claims.chatgptUserId) ||
    hasChanged(findAccountId(stored, forcedWorkspaceIds), findAccountId(login, forcedWorkspaceIds))
  ) {
    throw chatgptAuthError('account_changed', 'ChatGPT auth: the store now holds another login');
  }
  return stored;
}

function hasChanged(stored: string | undefined, known: string | undefined): boolean {
  return known !== undefined && stored !== known;
}
