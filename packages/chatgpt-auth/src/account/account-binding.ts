import type { AgentIdentityRecord, PlanType } from 'agent-identity-core/wire';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import { chatgptAuthError } from '../errors.js';

/** The account and user that an agent identity is registered for (docs/protocol.md section 9). */
export interface AccountBinding {
  readonly accountId: string;
  readonly chatgptUserId: string;
  readonly email: string | undefined;
  readonly planType: PlanType;
  readonly isFedramp: boolean;
}

/**
 * Tells the account: the forced workspace if exactly one is set, else the one stored beside the tokens, else the id
 * token's. Undefined if nothing names one.
 */
export function accountIdOf(
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
  const accountId = accountIdOf(credentials, forcedWorkspaceIds);
  if (accountId === undefined) throw incomplete('an account id, in tokens.account_id or the id token');
  if (chatgptUserId === undefined) throw incomplete('a ChatGPT user id in the id token');
  return { accountId, chatgptUserId, email, planType, isFedramp };
}

/** Whether both are the same account of the same user. */
export function isSameAccount(
  one: Pick<AccountBinding, 'accountId' | 'chatgptUserId'>,
  other: Pick<AccountBinding, 'accountId' | 'chatgptUserId'>,
): boolean {
  return one.accountId === other.accountId && one.chatgptUserId === other.chatgptUserId;
}

/** The account that a record was registered for. */
export function accountOfRecord(
  record: AgentIdentityRecord,
): Pick<AccountBinding, 'accountId' | 'chatgptUserId'> {
  return { accountId: record.account_id, chatgptUserId: record.chatgpt_user_id };
}

function incomplete(expected: string): Error {
  return chatgptAuthError('incomplete_chatgpt_auth', `ChatGPT auth: expected ${expected}`);
}
