import { Command } from 'commander';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { addIdentityOptions, type IdentityOptions, requireIdentity } from '../session/identity-options.js';

interface HeaderOptions extends IdentityOptions {
  readonly baseUrl: string;
}

/** Creates the command `header` (docs/protocol.md sections 3 and 10). */
export function createHeaderCommand(io: CommandIo): Command {
  return addIdentityOptions(new Command('header'))
    .description(
      'Verifies the identity, registers a task if it has none, and prints the headers of a request that is sent now ' +
        '(docs/protocol.md sections 3 and 10), in the form that curl -H @- reads. They are a credential for some minutes. Each run ' +
        'registers another task.',
    )
    .option(
      '--base-url <url>',
      'the provider that the headers are for',
      'https://chatgpt.com/backend-api/codex',
    )
    .addHelpText('after', help)
    .action(async (options: HeaderOptions, command: Command) => {
      await printResult(io, command, await createHeaders(options, io));
    });
}

async function createHeaders(options: HeaderOptions, io: CommandIo): Promise<CommandResult> {
  const auth = await requireIdentity(options, io);
  const { defineProvider, resolveProviderAuth } = await import('provider-auth');
  const provider = defineProvider({ kind: 'first_party', baseUrl: options.baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  await resolved.prepare();
  const headers = resolved.headers();
  const { credential, actingAgent } = resolved.describe();
  const acting = actingAgent && { agent_runtime_id: actingAgent.agentRuntimeId, task_id: actingAgent.taskId };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return { json: { credential, ...acting, headers }, text: lines.join('\n') };
}

const help = `
Examples:
  $ agent-identity header | curl -H @- https://chatgpt.com/backend-api/codex/models
  $ agent-identity header --jwt-file agent.jwt --authapi-base-url https://authority.example \\
      --jwt-base-url https://authority.example --json`;
