import { Command } from 'commander';
import type { CommandIo } from './command-io.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

/** Creates the command `suspend`. */
export function createSuspendCommand(io: CommandIo): Command {
  return addSettings(new Command('suspend'), 'target')
    .summary('suspend an agent runtime until it is resumed')
    .description(
      'Suspends an agent runtime: services refuse its requests within 5 seconds, and it registers no tasks. Its tasks stay. ' +
        'Has no effect on a revoked one.',
    )
    .argument('<agent_runtime_id>')
    .action(async (agentRuntimeId: string, _options, command: Command) => {
      await withAdminClient(command, io, (client) => client.changeAgentRuntime(agentRuntimeId, 'suspend'));
      io.writeError(`Suspended ${agentRuntimeId}.\n`);
    });
}

/** Creates the command `resume`. */
export function createResumeCommand(io: CommandIo): Command {
  return addSettings(new Command('resume'), 'target')
    .summary('end the suspension of an agent runtime')
    .description('Ends the suspension of an agent runtime. Has no effect on one that is not suspended.')
    .argument('<agent_runtime_id>')
    .action(async (agentRuntimeId: string, _options, command: Command) => {
      await withAdminClient(command, io, (client) => client.changeAgentRuntime(agentRuntimeId, 'resume'));
      io.writeError(`Resumed ${agentRuntimeId}.\n`);
    });
}
