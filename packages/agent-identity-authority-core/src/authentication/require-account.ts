import {
  invalidArgument,
  isHeaderSafe,
  requireCapabilities,
  requireKnownOptions,
} from 'agent-identity-core/http';
import { requireAgentDescription } from '../runtimes/agent-description.js';
import type { AgentAccount } from './agent-account.js';

const members = ['accountId', 'chatgptUserId', 'email', 'planType', 'isFedramp', 'capabilities', 'agent'];

/** @throws AgentIdentityError `invalid_argument` */
export function requireAccount(account: AgentAccount, name: string): void {
  requireKnownOptions(account, members, name);
  for (const member of ['accountId', 'chatgptUserId', 'planType'] as const) {
    const value: unknown = account[member];
    if (typeof value !== 'string' || value.trim() === '') {
      throw invalidArgument(`${name}.${member}`, 'a non-blank string', value);
    }
  }
  // Agents send it in a header.
  if (!isHeaderSafe(account.accountId)) {
    throw invalidArgument(`${name}.accountId`, 'visible ASCII characters without spaces', account.accountId);
  }
  if (account.email !== undefined && typeof account.email !== 'string') {
    throw invalidArgument(`${name}.email`, 'a string or undefined', account.email);
  }
  if (typeof account.isFedramp !== 'boolean') {
    throw invalidArgument(`${name}.isFedramp`, 'a boolean', account.isFedramp);
  }
  if (account.capabilities !== undefined) {
    requireCapabilities(account.capabilities, `${name}.capabilities`);
  }
  if (account.agent !== undefined) requireAgentDescription(account.agent, `${name}.agent`);
}
