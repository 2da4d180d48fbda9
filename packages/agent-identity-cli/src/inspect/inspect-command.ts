import { stylesOf } from 'agent-identity-core/terminal';
import { inspectText } from 'agent-identity-inspector';
import { Command } from 'commander';
import type { CommandIo } from '../program/command-io.js';
import { printResult } from '../program/print-result.js';
import { readInputText } from '../program/read-input-text.js';
import { formatInspection } from './format-inspection.js';

/** Creates the command `inspect`. */
export function createInspectCommand(io: CommandIo): Command {
  return new Command('inspect')
    .description(
      'Explains each member of an Authorization header, an assertion, a JWT, an OpenSSH line, a private key, a record or an ' +
        'auth.json, with its section of docs/protocol.md. Verifies nothing, sends nothing, and hides secrets.',
    )
    .argument('[input]', 'the text itself, or a file; - or nothing is standard input')
    .option('--reveal', 'show secrets')
    .addHelpText('after', help)
    .action(async (input: string | undefined, options: { readonly reveal?: true }, command: Command) => {
      const { text, source } = await readInputText(input, io);
      const inspection = await inspectText(text, io.clock());
      if (source === 'argument' && inspection.members.some(({ secret }) => secret)) {
        io.writeError('Note: arguments show in process lists and shell histories. Pass secrets in a file.\n');
      }
      const secrets = options.reveal ? 'reveal' : 'hide';
      await printResult(io, command, formatInspection(inspection, secrets, stylesOf(io)));
    });
}

const help = `
Examples:
  $ agent-identity inspect ~/.codex/auth.json
  $ agent-identity inspect < agent.jwt
  $ agent-identity inspect 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…' --json`;
