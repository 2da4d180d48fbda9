import { printable } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { codexHomeOption } from '../session/identity-options.js';

interface OptInOptions {
  readonly codexHome?: string;
  readonly authapiBaseUrl?: string;
}

/** Creates the command `opt-in` (docs/protocol.md section 9). */
export function createOptInCommand(io: CommandIo): Command {
  return new Command('opt-in')
    .description(
      'Gives a ChatGPT login an agent identity: makes a key, registers a runtime and a task, and writes them beside the login in ' +
        'auth.json, where the Codex client uses them too (docs/protocol.md section 9). An identity that is there already is kept. The ' +
        'client signs with it only if use_agent_identity is on in its config.toml, which stays as it is.',
    )
    .addOption(codexHomeOption())
    .option('--authapi-base-url <url>', 'the AuthAPI [CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL]')
    .action(async (options: OptInOptions, command: Command) => {
      await printResult(io, command, await optIn(options, io));
    });
}

async function optIn({ codexHome, authapiBaseUrl }: OptInOptions, io: CommandIo): Promise<CommandResult> {
  const { openCodexLogin } = await import('chatgpt-auth/node');
  const { environment: env, fetch, clock } = io;
  const { auth, store } = await openCodexLogin(
    { env, codexHome, authapiBaseUrl, policy: 'chatgpt-auth' },
    { fetch, clock },
  );
  const identity = await auth.agentIdentityAuth();
  if (identity === undefined) {
    const got = auth.credentials.kind;
    throw commandLineError('not_chatgpt_auth', `expected a ChatGPT login, got ${got}`);
  }
  const { record, runTaskId } = identity;
  const { agent_runtime_id, account_id } = record;
  return {
    json: { agent_runtime_id, account_id, task_id: runTaskId },
    text: `${printable(agent_runtime_id)} acts for ${printable(account_id)} under ${printable(runTaskId)}; see ${printable(store.location ?? 'the keyring')}`,
  };
}
