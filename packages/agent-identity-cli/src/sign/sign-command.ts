import {
  type AgentKey,
  type AgentSigner,
  createAgentAssertion,
  createAgentAssertionAsync,
  formatAgentAssertion,
  readAgentKey,
  signTaskRegistration,
  signTaskRegistrationAsync,
} from 'agent-identity-core';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { parseTime } from '../program/parse-time.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readTextFile } from '../program/read-input-text.js';
import { openSigner, sshAgentOption } from '../session/ssh-agent-signer.js';

interface SignOptions {
  readonly keyFile?: string;
  readonly sshAgent?: string;
  readonly agentRuntimeId: string;
  readonly taskId?: string;
  readonly taskRegistration?: true;
  readonly at?: number;
}

/** Creates the command `sign` (docs/protocol.md sections 3 and 5). */
export function createSignCommand(io: CommandIo): Command {
  return new Command('sign')
    .description(
      'Signs with a private key, or with one that an ssh-agent holds, offline: an agent assertion, printed as the value of the Authorization header (docs/protocol.md ' +
        'section 3), or the body that registers a task (section 5). The output is a credential until its time window ends.',
    )
    .option('--key-file <file>', 'the private key, as keygen writes it; - is standard input')
    .addOption(sshAgentOption('sign with'))
    .requiredOption('--agent-runtime-id <id>', 'the agent runtime that the key belongs to')
    .option('--task-id <id>', 'the task of an assertion')
    .option('--task-registration', 'sign a task registration instead of an assertion')
    .option('--at <time>', 'sign for this RFC 3339 time instead of now', parseTime)
    .addHelpText('after', help)
    .action(async (options: SignOptions, command: Command) => {
      await printResult(io, command, await sign(options, io));
    });
}

async function sign(options: SignOptions, io: CommandIo): Promise<CommandResult> {
  const { agentRuntimeId, taskId, taskRegistration, at } = options;
  const clock = at === undefined ? io.clock : () => at;
  if ((taskId === undefined) === (taskRegistration === undefined)) {
    throw commandLineError('invalid_argument', 'expected one of --task-id and --task-registration');
  }
  const key = await openKey(options, io);
  if (taskId === undefined) {
    const { timestamp, signature } =
      'signer' in key
        ? await signTaskRegistrationAsync({ ...key, agentRuntimeId }, { clock })
        : signTaskRegistration({ ...key, agentRuntimeId }, { clock });
    return { json: { timestamp, signature }, text: JSON.stringify({ timestamp, signature }) };
  }
  const assertion =
    'signer' in key
      ? await createAgentAssertionAsync({ ...key, agentRuntimeId, taskId }, { clock })
      : createAgentAssertion({ ...key, agentRuntimeId, taskId }, { clock });
  const authorization = formatAgentAssertion(assertion);
  return { json: { authorization, timestamp: assertion.timestamp }, text: authorization };
}

async function openKey(
  { keyFile, sshAgent }: SignOptions,
  io: CommandIo,
): Promise<{ readonly agentKey: AgentKey } | { readonly signer: AgentSigner }> {
  if (keyFile !== undefined && sshAgent === undefined) {
    return { agentKey: readAgentKey(await readTextFile(keyFile, io)) };
  }
  if (sshAgent !== undefined && keyFile === undefined) return { signer: await openSigner(sshAgent, io) };
  throw commandLineError('invalid_argument', 'expected one of --key-file and --ssh-agent');
}

const help = `
Examples:
  $ agent-identity sign --key-file agent.key --agent-runtime-id agent-123 --task-id task-123
  $ agent-identity sign --ssh-agent ~/.ssh/agent.pub --agent-runtime-id agent-123 --task-id task-123
  $ agent-identity sign --key-file agent.key --agent-runtime-id agent-123 --task-registration |
      curl -H 'content-type: application/json' -d @- https://authority.example/v1/agent/agent-123/task/register`;
