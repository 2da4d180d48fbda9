import { authorityError } from '../errors.js';
import type { OperationContext } from './operation.js';

/** The accounts that the calling administrator is limited to, as a member of a query; none without a limit. */
export function accountLimit(context: OperationContext): { readonly accountIds?: readonly string[] } {
  const { accountIds } = context.get('administrator');
  return accountIds === undefined ? {} : { accountIds };
}

/** Whether the calling administrator may see what belongs to an account; `undefined` for what belongs to none. */
export function isWithinLimit(context: OperationContext, accountId: string | undefined): boolean {
  const { accountIds } = context.get('administrator');
  return accountIds === undefined || (accountId !== undefined && accountIds.includes(accountId));
}

/** @throws AgentIdentityError `account_not_found` */
export function requireWithinLimit(context: OperationContext, accountId: string): void {
  if (!isWithinLimit(context, accountId))
    throw authorityError('account_not_found', 'There is no such account.');
}
