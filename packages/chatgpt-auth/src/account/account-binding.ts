import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import { chatgptAuthError } from '../errors.js';

/** The account and user that an agent identity is registered for (docs/protocol.md section 9). */
export interface AccountBinding {
  readonly accountId: string;
  readonly chatgptUserId: string;
  readonly email: string | undefined;
  readonly planType: string;
  readonly isFedramp: boolean;
}

/**
 * The account of a login: the forced workspace if exactly one is set, else the one stored beside the tokens, else the id
 * token's. `undefined` if nothing names one.
 */
export function findAccountId(
  { claims, tokens }: ChatgptCredentials,
  forcedWorkspaceIds: readonly string[],
): string | undefined {
  const [forced] = forcedWorkspaceIds;
  if (forced !== undefined && forcedWorkspaceIds.length === 1) return forced;
  return tokens().accountId ?? claims.accountId;
}

/** @throws AgentIdentityError `incomplete_chatgpt_auth` */
export function bindAccount(
  credentials: ChatgptCredentials,
  forcedWorkspaceIds: readonly string[],
): AccountBinding {
  const { chatgptUserId, email, planType, isFedramp } = credentials.claims;
  const accountId = findAccountId(credentials, forcedWorkspaceIds);
  if (accountId === undefined) throw incomplete('an account id, in tokens.account_id or the id token');
  if (chatgptUserId === undefined) throw incomplete('a ChatGPT user id in the id token');
  return { accountId, chatgptUserId, email, planType, isFedramp };
}

function incomplete(expected: string): Error {
  return chatgptAuthError('incomplete_chatgpt_auth', `ChatGPT auth: expected ${expected}`);
}

/** Whether a record was registered for this account and this user. */
export function isRecordOf(record: AgentIdentityRecord, binding: AccountBinding): boolean {
  return record.account_id === binding.accountId && record.chatgpt_user_id === binding.chatgptUserId;
}
