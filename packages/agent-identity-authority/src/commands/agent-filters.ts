import type { RevokeAgentsRequest } from 'agent-identity-authority-core/admin-wire';
import type { Command } from 'commander';
import { parseLabel } from './account-options.js';
import type { CommandIo } from './command-io.js';
import { parsePastTime } from './format-time.js';

/** The options that select agents. */
export interface AgentFilters {
  readonly accountId?: string;
  readonly userId?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly createdBefore?: number;
}

export function addAgentFilters(command: Command, io: CommandIo): Command {
  return command
    .option('--account-id <id>', 'agents of this account')
    .option('--user-id <id>', 'agents that act for this user')
    .option('--label <key=value...>', 'agents with all of these labels', parseLabel)
    .option(
      '--created-before <time>',
      'agents that were registered before this time, or over 90d, … ago',
      (text) => parsePastTime(text, io.clock()),
    );
}

/** The members of a request. */
export function toFilterMembers({
  accountId,
  userId,
  label,
  createdBefore,
}: AgentFilters): Pick<RevokeAgentsRequest, 'account_id' | 'chatgpt_user_id' | 'labels' | 'created_before'> {
  return {
    account_id: accountId,
    chatgpt_user_id: userId,
    ...(label && { labels: { ...label } }),
    created_before: createdBefore === undefined ? undefined : new Date(createdBefore).toISOString(),
  };
}
