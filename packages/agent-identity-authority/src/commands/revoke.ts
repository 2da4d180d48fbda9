import { Command } from 'commander';
import { type AgentFilters, addAgentFilters, toFilterMembers } from './agent-filters.js';
import type { CommandIo } from './command-io.js';
import { addSettings, parseWholeNumber } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

interface RevokeOptions extends AgentFilters {
  readonly task?: string;
  readonly confirm?: number;
}

/** Creates the command `revoke`, which revokes an agent runtime or one of its tasks, or many runtimes. */
export function createRevokeCommand(io: CommandIo): Command {
  return addAgentFilters(addSettings(new Command('revoke'), 'target'), io)
    .summary('revoke an agent runtime, one of its tasks, or many runtimes')
    .description(
      'Revokes an agent runtime and all its tasks forever: its key can never be registered again. Verifiers refuse it ' +
        'within 5 seconds. Repeating it has no effect. With options in place of an id, it counts the agents that fit all of them, and ' +
        'revokes them only with --confirm and their number.',
    )
    .argument('[agent_runtime_id]', 'the runtime, such as agent-1b4e28ba-2fa1-41d2-883f-0016d3cca427')
    .option('--task <task_id>', 'revoke only this task')
    .option('--confirm <count>', 'how many agents must fit; otherwise nothing is revoked', parseWholeNumber)
    .addHelpText('after', revokeHelp)
    .action(async (id: string | undefined, options: RevokeOptions, command: Command) => {
      const filters = toFilterMembers(options);
      const hasFilters = Object.values(filters).some((value) => value !== undefined);
      if ((id !== undefined) === hasFilters) {
        const got = hasFilters ? 'both' : 'neither';
        command.error(`error: expected an agent or options that select several, got ${got}`);
      }
      if (id === undefined) return revokeMany(filters, options, command, io);
      await withAdminClient(command, io, (client) =>
        options.task === undefined
          ? client.changeAgentRuntime(id, 'revoke')
          : client.revokeAgentTask(id, options.task),
      );
      io.writeError(`Revoked ${options.task ?? id}.\n`);
    });
}

/** Counts, or revokes as many as were confirmed. */
async function revokeMany(
  filters: ReturnType<typeof toFilterMembers>,
  { task, confirm }: RevokeOptions,
  command: Command,
  io: CommandIo,
): Promise<void> {
  if (task !== undefined) command.error('error: --task: expected an agent with it, got none');
  const how = confirm === undefined ? { dry_run: true as const } : { expected_count: confirm };
  const result = await withAdminClient(command, io, (client) => client.revokeAgents({ ...filters, ...how }));
  await io.write(`${JSON.stringify(result)}\n`);
  if (confirm !== undefined) io.writeError(`Revoked ${result.revoked} agents.\n`);
  else io.writeError(`Nothing was revoked. To revoke them, add --confirm ${result.matching}.\n`);
}

const revokeHelp = `
Examples:
  $ agent-identity-authority revoke agent-1b4e28ba-2fa1-41d2-883f-0016d3cca427 \\
      --url https://authority.example --administrators-token-file admin.token
  $ agent-identity-authority revoke agent-1b4e28ba-2fa1-41d2-883f-0016d3cca427 --task task-9b2d…
  $ agent-identity-authority revoke --label team=search --created-before 90d
  $ agent-identity-authority revoke --label team=search --created-before 90d --confirm 42`;
