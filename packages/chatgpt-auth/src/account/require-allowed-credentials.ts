import { describeType } from 'agent-identity-core';
import { decodeUnverifiedJwtPayload } from 'agent-identity-core/http';
import type { StoredCredentials } from '../auth-json/stored-credentials.js';
import { chatgptAuthError } from '../errors.js';

/** Which logins the administrator of a machine allows (docs/protocol.md section 9). */
export interface ForcedLogin {
  /** `forced_chatgpt_workspace_id`; an empty list allows all. */
  readonly forcedWorkspaceIds: readonly string[];
  /** `forced_login_method`; `undefined` allows all. */
  readonly forcedLoginMethod: 'api' | 'chatgpt' | undefined;
}

/**
 * Refuses an account that is not one of the forced workspaces (`forced_chatgpt_workspace_id`). An empty list allows all.
 * Check an Agent Identity JWT again after verification, by its verified account id.
 *
 * @param accountId The account of the credentials; `undefined` if they do not name one.
 * @throws AgentIdentityError `workspace_not_allowed`; `invalid_argument` for anything but a list of ids
 * @example
 * ```ts
 * import { requireAllowedWorkspace } from 'chatgpt-auth';
 *
 * requireAllowedWorkspace('account-1', ['account-1', 'account-2']);
 * ```
 */
export function requireAllowedWorkspace(
  accountId: string | undefined,
  forcedWorkspaceIds: readonly string[],
): void {
  requireWorkspaceIds(forcedWorkspaceIds);
  if (forcedWorkspaceIds.length === 0) return;
  if (accountId !== undefined && forcedWorkspaceIds.includes(accountId)) return;
  const found = accountId === undefined ? 'do not name an account' : 'belong to another account';
  throw chatgptAuthError(
    'workspace_not_allowed',
    `forcedWorkspaceIds: the credentials ${found}; log in to an allowed workspace`,
  );
}

/**
 * Requires an array of non-blank strings. A single string is refused, because `includes` would match its substrings and
 * allow other accounts.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireWorkspaceIds(ids: unknown): void {
  if (Array.isArray(ids) && ids.every((id) => typeof id === 'string' && id.trim() !== '')) return;
  throw chatgptAuthError(
    'invalid_argument',
    `forcedWorkspaceIds: expected an array of strings that are not blank, got ${describeType(ids)}`,
  );
}

/**
 * Refuses credentials that are not of the forced login method or workspace. A ChatGPT login may name its account twice,
 * and both must be allowed; one that names none counts as the forced workspace if there is exactly one. A personal
 * access token names no account by itself: its account is checked when it is looked up.
 *
 * @throws AgentIdentityError `workspace_not_allowed`, `login_method_not_allowed`, `invalid_argument`
 * @example
 * ```ts
 * import { parseAuthJson, requireAllowedCredentials } from 'chatgpt-auth';
 *
 * const credentials = parseAuthJson('{"OPENAI_API_KEY":"sk-example"}');
 * requireAllowedCredentials(credentials, { forcedWorkspaceIds: [], forcedLoginMethod: 'api' });
 * ```
 */
export function requireAllowedCredentials(credentials: StoredCredentials, forced: ForcedLogin): void {
  requireAllowedMethod(credentials.kind, forced.forcedLoginMethod);
  if (forced.forcedWorkspaceIds.length === 0) return;
  for (const accountId of findNamedAccounts(credentials, forced.forcedWorkspaceIds)) {
    requireAllowedWorkspace(accountId, forced.forcedWorkspaceIds);
  }
}

function requireAllowedMethod(
  kind: StoredCredentials['kind'],
  method: ForcedLogin['forcedLoginMethod'],
): void {
  if (method === undefined || kind === 'none' || kind === 'other') return;
  if ((kind === 'apiKey') === (method === 'api')) return;
  const expected = method === 'api' ? 'an API key' : 'a ChatGPT login or an agent identity';
  throw chatgptAuthError(
    'login_method_not_allowed',
    `forcedLoginMethod: only ${expected} may be used, got credentials of the kind ${kind}; log in again`,
  );
}

function findNamedAccounts(
  credentials: StoredCredentials,
  forcedWorkspaceIds: readonly string[],
): readonly (string | undefined)[] {
  switch (credentials.kind) {
    case 'chatgpt':
    case 'externalChatgpt': {
      const { accountId } = credentials.tokens();
      const named = [accountId, credentials.claims.accountId].filter((id) => id !== undefined);
      return named.length > 0 || forcedWorkspaceIds.length === 1 ? named : [undefined];
    }
    case 'agentIdentityRecord':
      return [credentials.record().account_id];
    case 'agentIdentityJwt': {
      const claim = decodeUnverifiedJwtPayload(credentials.jwt())?.['account_id'];
      return [typeof claim === 'string' ? claim : undefined];
    }
    default:
      return [];
  }
}
