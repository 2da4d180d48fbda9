import type { RuntimeAgentInstanceChange } from 'agent-identity-authority-core';
import type { AdminInstanceQuery, WireInstanceSelector } from 'agent-identity-authority-core/admin-wire';
import { Command, Option } from 'commander';
import type { CommandIo } from './command-io.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

/** Creates the command `instances`, which lists, shows, suspends, resumes and revokes runtime agent instances. */
export function createInstancesCommand(io: CommandIo): Command {
  return new Command('instances')
    .summary('list, show, suspend, resume or revoke runtime agent instances')
    .addCommand(createListCommand(io))
    .addCommand(createShowCommand(io))
    .addCommand(createChangeCommand(io, 'suspend', 'until they are resumed'))
    .addCommand(createChangeCommand(io, 'resume', 'after a suspension'))
    .addCommand(createChangeCommand(io, 'revoke', 'forever'));
}

interface SelectorOptions {
  readonly host?: string;
  readonly installation?: string;
  readonly user?: string;
  readonly account?: string;
  readonly organization?: string;
}

interface ListOptions extends SelectorOptions {
  readonly status?: AdminInstanceQuery['status'];
  readonly limit?: number;
  readonly cursor?: string;
}

function createListCommand(io: CommandIo): Command {
  return addSelector(addSettings(new Command('list'), 'target'))
    .summary('list instances, newest first')
    .description('Prints a page of runtime agent instances as JSON, newest first.')
    .addOption(
      new Option('--status <status>', 'only these').choices(['active', 'suspended', 'revoked', 'expired']),
    )
    .option('--limit <n>', 'the maximum number of instances; 100 by default', parseWholeNumber)
    .option('--cursor <cursor>', 'the next_cursor of the previous page')
    .action(async ({ status, limit, cursor, ...selector }: ListOptions, command: Command) => {
      const query = { ...toSelector(selector), status, limit, cursor };
      await print(io, await withAdminClient(command, io, (client) => client.listInstances(query)));
    });
}

function createShowCommand(io: CommandIo): Command {
  return addSettings(new Command('show'), 'target')
    .summary('show an instance')
    .description('Prints a runtime agent instance as JSON.')
    .argument('<runtime_agent_instance_id>')
    .action(async (id: string, _options, command: Command) => {
      await print(io, await withAdminClient(command, io, (client) => client.showInstance(id)));
    });
}

function createChangeCommand(io: CommandIo, change: RuntimeAgentInstanceChange, effect: string): Command {
  return addSelector(addSettings(new Command(change), 'target'))
    .summary(
      `${change} an instance, or all of a host, an installation, a user, an account or an organization`,
    )
    .description(
      `Changes runtime agent instances: ${change}, ${effect}. Verifiers see it within 5 seconds. Name one instance, or ` +
        'select several by options; instances must match all of them.',
    )
    .argument('[runtime_agent_instance_id]')
    .addHelpText('after', changeHelp(change))
    .action(async (id: string | undefined, options: SelectorOptions, command: Command) => {
      const selector = toSelector(options);
      const isEmpty = Object.values(selector).every((value) => value === undefined);
      if ((id === undefined) === isEmpty) {
        const got = isEmpty ? 'neither' : 'both';
        command.error(`error: expected an instance or an option that selects several, got ${got}`);
      }
      const result = await withAdminClient<object>(command, io, (client) =>
        id === undefined ? client.changeInstances(selector, change) : client.changeInstance(id, change),
      );
      await print(io, result);
    });
}

function addSelector(command: Command): Command {
  return command
    .option('--host <agent_host_id>', 'instances of this host')
    .option('--installation <installation_id>', 'instances of this installation, in any account')
    .option('--user <user_id>', 'instances of this user')
    .option('--account <account_id>', 'instances of this ChatGPT account')
    .option('--organization <organization_id>', 'instances of this organization');
}

function toSelector(options: SelectorOptions): WireInstanceSelector {
  return {
    agent_host_id: options.host,
    installation_id: options.installation,
    user_id: options.user,
    account_id: options.account,
    organization_id: options.organization,
  };
}

function print(io: CommandIo, result: object): Promise<void> {
  return io.write(`${JSON.stringify(result, null, 2)}\n`);
}

function changeHelp(change: RuntimeAgentInstanceChange): string {
  return `
Examples:
  $ agent-identity-authority instances ${change} rai-4aad5ea6-6461-405c-984b-2a82cef7038a
  $ agent-identity-authority instances ${change} --user user-1 \\
      --url https://authority.example --administrators-token-file admin.token`;
}
