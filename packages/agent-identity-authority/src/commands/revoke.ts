import { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

/** Creates the command `revoke`, which revokes an agent runtime or one of its tasks. */
export function createRevokeCommand(io: CommandIo): Command {
  return addSettings(new Command('revoke'), 'target')
    .summary('revoke an agent runtime, or one of its tasks')
    .description(
      'Revokes an agent runtime and all its tasks forever: its key can never be registered again. Verifiers refuse it ' +
        'within 5 seconds. Repeating it has no effect.',
    )
    .argument('<agent_runtime_id>', 'the runtime, such as agent-1b4e28ba-2fa1-41d2-883f-0016d3cca427')
    .option('--task <task_id>', 'revoke only this task')
    .addHelpText('after', revokeHelp)
    .action(async (agentRuntimeId: string, { task }: { readonly task?: string }, command: Command) => {
      await withAdminClient(command, io, (client) =>
        task === undefined
          ? client.changeAgentRuntime(agentRuntimeId, 'revoke')
          : client.revokeAgentTask(agentRuntimeId, task),
      );
      io.writeError(`Revoked ${task ?? agentRuntimeId}.\n`);
    });
}

const revokeHelp = `
Examples:
  $ agent-identity-authority revoke agent-1b4e28ba-2fa1-41d2-883f-0016d3cca427 \\
      --url https://authority.example --administrators-token-file admin.token
  $ agent-identity-authority revoke agent-1b4e28ba-2fa1-41d2-883f-0016d3cca427 --task task-9b2d…`;
