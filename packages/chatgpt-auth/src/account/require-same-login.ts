import { parseAuthJson } from '../auth-json/parse-auth-json.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import { chatgptAuthError } from '../errors.js';
import { accountIdOf } from './account-binding.js';
import { requireAllowedCredentials } from './require-allowed-workspace.js';

/**
 * Reads a stored document that must still hold the managed ChatGPT login that we work for. It may tell an account or a
 * user that was not known before; what was known must be told again, and be the same. So whoever goes on from the
 * login that comes back cannot be led to another one in steps.
 *
 * @param text **Secret**: the document, or none.
 * @throws AgentIdentityError `logged_out`, `account_changed`, `workspace_not_allowed`, `unreadable_auth_file`
 */
export function requireSameLogin(
  text: string | undefined,
  login: ChatgptCredentials,
  forcedWorkspaceIds: readonly string[],
): ChatgptCredentials {
  if (text === undefined) {
    throw chatgptAuthError('logged_out', 'ChatGPT auth: the credentials are gone from the store');
  }
  const stored = parseAuthJson(text);
  requireAllowedCredentials(stored, forcedWorkspaceIds);
  if (
    stored.kind !== 'chatgpt' ||
    differs(stored.claims.chatgptUserId, login.claims.chatgptUserId) ||
    differs(accountIdOf(stored, forcedWorkspaceIds), accountIdOf(login, forcedWorkspaceIds))
  ) {
    throw chatgptAuthError('account_changed', 'ChatGPT auth: the store holds another login by now');
  }
  return stored;
}

function differs(stored: string | undefined, known: string | undefined): boolean {
  return known !== undefined && stored !== known;
}
