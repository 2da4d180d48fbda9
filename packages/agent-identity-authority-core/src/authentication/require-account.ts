import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import type { AgentAccount } from './agent-account.js';

/** @throws AgentIdentityError `invalid_argument` */
export function requireAccount(account: AgentAccount, name: string): void {
  for (const member of ['accountId', 'chatgptUserId', 'planType'] as const) {
    const value: unknown = account?.[member];
    if (typeof value !== 'string' || value.trim() === '') throw invalid(member, 'a non-blank string', value);
  }
  if (account.email !== undefined && typeof account.email !== 'string') {
    throw invalid('email', 'a string or nothing', account.email);
  }
  if (typeof account.isFedramp !== 'boolean') throw invalid('isFedramp', 'a boolean', account.isFedramp);

  function invalid(member: string, expected: string, value: unknown): Error {
    return authorityError(
      'invalid_argument',
      `${name}.${member}: expected ${expected}, got ${describeType(value)}`,
    );
  }
}
