import { generateAgentKey, readAgentKey } from 'agent-identity-core';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readTextFile } from '../program/read-input-text.js';
import { writeSecretFile } from '../program/write-secret-file.js';

interface KeygenOptions {
  readonly out?: string;
  readonly publicOf?: string;
  readonly reveal?: true;
}

/** Creates the command `keygen` (docs/protocol.md section 2). */
export function createKeygenCommand(io: CommandIo): Command {
  return new Command('keygen')
    .description(
      'Creates an Ed25519 agent key. Writes the private key as base64 of PKCS#8 to a new file with mode 0600, and prints the ' +
        'public key as an OpenSSH line (docs/protocol.md section 2).',
    )
    .option('-o, --out <file>', 'where to write the private key; an existing file is never overwritten')
    .option('--public-of <file>', 'print the public key of this private key instead; - is standard input')
    .option('--reveal', 'print the private key instead of writing it to a file')
    .addHelpText('after', help)
    .action(async (options: KeygenOptions, command: Command) => {
      await printResult(io, command, await keygen(options, io));
    });
}

async function keygen({ out, publicOf, reveal }: KeygenOptions, io: CommandIo): Promise<CommandResult> {
  if ([out, publicOf, reveal].filter((option) => option !== undefined).length !== 1) {
    throw commandLineError('invalid_argument', 'expected one of --out, --public-of and --reveal');
  }
  if (publicOf !== undefined) {
    const { ssh } = readAgentKey(await readTextFile(publicOf, io)).publicKey;
    return { json: { public_key: ssh }, text: ssh };
  }
  const agentKey = generateAgentKey();
  const { ssh } = agentKey.publicKey;
  const pkcs8 = agentKey.toPkcs8Base64();
  if (out === undefined)
    return { json: { public_key: ssh, agent_private_key: pkcs8 }, text: `${ssh}\n${pkcs8}` };
  await writeSecretFile(out, `${pkcs8}\n`);
  return { json: { public_key: ssh, private_key_file: out }, text: ssh };
}

const help = `
Examples:
  $ agent-identity keygen --out agent.key
  $ agent-identity keygen --public-of agent.key`;
