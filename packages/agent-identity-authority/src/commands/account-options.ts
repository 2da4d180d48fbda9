import type { IssueAgentIdentityRequest } from 'agent-identity-authority-core/admin-wire';
import { type Command, InvalidArgumentError } from 'commander';

/** The options that name the account of a new agent, and what it may do. */
export interface AccountOptions {
  readonly accountId: string;
  readonly userId: string;
  readonly email?: string;
  readonly planType: string;
  readonly fedramp?: true;
  readonly capability?: readonly string[];
  readonly name?: string;
  readonly owner?: string;
  readonly label?: Readonly<Record<string, string>>;
}

export function addAccountOptions(command: Command): Command {
  return command
    .requiredOption('--account-id <id>', 'the account that owns the agent')
    .requiredOption('--user-id <id>', 'the user that it acts for')
    .option('--email <address>', "the user's address")
    .option('--plan-type <plan>', "the account's plan", 'unknown')
    .option('--fedramp', 'the account is a FedRAMP account')
    .option('--capability <name...>', 'what the agent may do')
    .option('--name <name>', 'what the agent is called')
    .option('--owner <owner>', 'whom to ask about the agent, such as a team or an address')
    .option('--label <key=value...>', 'labels of the agent, to select it by', parseLabel);
}

export function toAccountMembers(
  options: AccountOptions,
): Pick<IssueAgentIdentityRequest, 'account' | 'capabilities' | 'name' | 'owner' | 'labels'> {
  const { name, owner, label: labels } = options;
  return {
    name,
    owner,
    ...(labels && { labels: { ...labels } }),
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

/** Adds a label to those that were given before. */
export function parseLabel(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, key, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw new InvalidArgumentError('expected a label such as team=search');
  return Object.fromEntries([...Object.entries(previous), [key, value]]);
}
