import { describeType } from 'agent-identity-core';
import type { StoredCredentials } from '../auth-json/stored-credentials.js';
import { chatgptAuthError } from '../errors.js';
import { decodeUnverifiedJwtPayload } from './decode-unverified-jwt-payload.js';
import { workspaceIdsSchema } from './workspace-ids.js';

/**
 * Refuses an account that is not one of the forced workspaces (`forced_chatgpt_workspace_id`); an empty list allows
 * all. An Agent Identity JWT is to be checked once more after it was verified, by its verified account id.
 *
 * @param accountId The account of the credentials; `undefined` if they do not tell it.
 * @throws AgentIdentityError `workspace_not_allowed`; `invalid_option` for anything but a list of ids
 */
export function requireAllowedWorkspace(
  accountId: string | undefined,
  forcedWorkspaceIds: readonly string[],
): void {
  if (!workspaceIdsSchema.safeParse(forcedWorkspaceIds).success) {
    const text = `forcedWorkspaceIds: expected an array of strings that are not blank, got ${describeType(forcedWorkspaceIds)}`;
    throw chatgptAuthError('invalid_option', text);
  }
  if (forcedWorkspaceIds.length === 0) return;
  if (accountId !== undefined && forcedWorkspaceIds.includes(accountId)) return;
  const found = accountId === undefined ? 'do not say which account they are of' : 'are of another account';
  throw chatgptAuthError(
    'workspace_not_allowed',
    `forcedWorkspaceIds: the credentials ${found}; log in to an allowed workspace`,
  );
}

/**
 * The same for stored credentials of any kind that names an account. A ChatGPT login may name it twice, and both must
 * be allowed; one that names none is taken to be of the forced workspace if there is exactly one.
 *
 * @throws AgentIdentityError `workspace_not_allowed`
 */
export function requireAllowedCredentials(
  credentials: StoredCredentials,
  forcedWorkspaceIds: readonly string[],
): void {
  switch (credentials.kind) {
    case 'chatgpt':
    case 'externalChatgpt': {
      const { accountId } = credentials.tokens();
      const named = [accountId, credentials.claims.accountId].filter((id) => id !== undefined);
      if (named.length === 0 && forcedWorkspaceIds.length === 1) return;
      for (const id of named.length === 0 ? [undefined] : named) {
        requireAllowedWorkspace(id, forcedWorkspaceIds);
      }
      return;
    }
    case 'agentIdentityRecord':
      requireAllowedWorkspace(credentials.record().account_id, forcedWorkspaceIds);
      return;
    case 'agentIdentityJwt': {
      const claim = decodeUnverifiedJwtPayload(credentials.jwt())?.['account_id'];
      requireAllowedWorkspace(typeof claim === 'string' ? claim : undefined, forcedWorkspaceIds);
      return;
    }
    default: // keys and tokens that do not name an account
  }
}
