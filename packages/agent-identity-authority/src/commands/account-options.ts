import type { IssueAgentIdentityRequest } from 'agent-identity-authority-core/admin-wire';
import type { Command } from 'commander';

/** The options that name the account of a new agent, and what it may do. */
export interface AccountOptions {
  readonly accountId: string;
  readonly userId: string;
  readonly email?: string;
  readonly planType: string;
  readonly fedramp?: true;
  readonly capability?: readonly string[];
}

export function addAccountOptions(command: Command): Command {
  return command
    .requiredOption('--account-id <id>', 'the account that owns the agent')
    .requiredOption('--user-id <id>', 'the user that it acts for')
    .option('--email <address>', "the user's address")
    .option('--plan-type <plan>', "the account's plan", 'unknown')
    .option('--fedramp', 'the account is a FedRAMP account')
    .option('--capability <name...>', 'what the agent may do');
}

export function toAccountMembers(
  options: AccountOptions,
): Pick<IssueAgentIdentityRequest, 'account' | 'capabilities'> {
  return {
    account: {
      account_id: options.accountId,
      chatgpt_user_id: options.userId,
      email: options.email,
      plan_type: options.planType,
      is_fedramp: options.fedramp ?? false,
    },
    ...(options.capability && { capabilities: [...options.capability] }),
  };
}
