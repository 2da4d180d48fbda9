import { platform } from 'node:process';
import { printable } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readTextFile } from '../program/read-input-text.js';
import { readVersion } from '../program/read-version.js';
import { reserveSecretFile } from '../program/write-secret-file.js';
import { parseRecord, requireAuthapiBaseUrl } from '../session/identity-options.js';
import { parseWholeSeconds } from './parse-whole-seconds.js';

interface ChildOptions {
  readonly recordFile: string;
  readonly out: string;
  readonly capability?: readonly string[];
  readonly ttl?: number;
  readonly name?: string;
  readonly authapiBaseUrl?: string;
}

/** Creates the command `child`. */
export function createChildCommand(io: CommandIo): Command {
  return new Command('child')
    .description(
      'Registers a sub-agent: a child of the identity in a record, with a new key, for the same account. The child may do no more than its ' +
        'parent, and ends with it. The authority must be one of this project.',
    )
    .requiredOption('--record-file <file>', 'the record of the parent; - is standard input')
    .requiredOption('-o, --out <file>', 'write the record of the child to this new file')
    .option('--capability <name...>', 'what the child asks to be allowed')
    .option('--ttl <seconds>', 'how long the child lives; at most as long as its parent', parseWholeSeconds)
    .option('--name <text>', 'the name of the child, for people')
    .option('--authapi-base-url <url>', 'the authority [CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL]')
    .addHelpText('after', help)
    .action(async (options: ChildOptions, command: Command) => {
      await printResult(io, command, await registerChild(options, io));
    });
}

async function registerChild(options: ChildOptions, io: CommandIo): Promise<CommandResult> {
  const { out, capability, ttl, name } = options;
  const { readAgentIdentity, registerChildAgent } = await import('agent-identity-registry');
  const authapiBaseUrl = requireAuthapiBaseUrl(options.authapiBaseUrl, io);
  const parent = readAgentIdentity(parseRecord(await readTextFile(options.recordFile, io)));
  const file = await reserveSecretFile(out);
  try {
    const { record, capabilities, expiresAt } = await registerChildAgent(
      parent,
      {
        authapiBaseUrl,
        abom: {
          agent_version: await readVersion(),
          agent_harness_id: 'agent-identity',
          running_location: `cli-${platform}`,
        },
        capabilities: capability,
        ttlSeconds: ttl,
        name,
      },
      { fetch: io.fetch, clock: io.clock },
    );
    await file.write(`${JSON.stringify(record)}\n`);
    const { agent_runtime_id } = record;
    return {
      json: {
        agent_runtime_id,
        parent_id: parent.agentRuntimeId,
        capabilities,
        expires_at: expiresAt,
        file: out,
      },
      text: `${printable(agent_runtime_id)} is a child of ${printable(parent.agentRuntimeId)}: ${printable(out)}`,
    };
  } finally {
    await file.discard();
  }
}

const help = `
Examples:
  $ agent-identity child --record-file record.json --capability repository:read --ttl 3600 --out child.json
  $ agent-identity header --record-file child.json`;
