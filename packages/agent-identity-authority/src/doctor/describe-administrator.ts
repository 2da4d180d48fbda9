import type { ConfiguredAdministrator } from '../configuration/open-administrators.js';

/** One administrator in words, such as `alice: operator, for 2 accounts`. */
export function describeAdministrator({ who, role, accountIds }: ConfiguredAdministrator): string {
  if (accountIds === undefined) return `${who}: ${role}`;
  return `${who}: ${role}, for ${accountIds.length} account${accountIds.length === 1 ? '' : 's'}`;
}
