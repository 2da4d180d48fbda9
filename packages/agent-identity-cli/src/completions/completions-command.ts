import {
  type CompletionCommand,
  type CompletionShell,
  formatCompletions,
} from 'agent-identity-core/terminal';
import { Argument, Command } from 'commander';
import type { CommandEntry } from '../program/command-entry.js';
import type { CommandIo } from '../program/command-io.js';

/** Creates the command `completions` for these commands. */
export function createCompletionsCommand(io: CommandIo, commandTable: readonly CommandEntry[]): Command {
  return new Command('completions')
    .description('Prints a script that makes a shell complete commands and options.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', help)
    .action(async (shell: CompletionShell) => {
      const commands = await Promise.all(
        commandTable.map(async ({ name, summary, load }) => ({
          name,
          summary,
          options: readOptions(await load(io)),
          commands: [],
        })),
      );
      await io.write(
        formatCompletions({ name: 'agent-identity', summary: '', options: [], commands }, shell),
      );
    });
}

function readOptions(command: Command): CompletionCommand['options'] {
  const own = command.options.map(({ long, required, description }) => ({
    long: long ?? '',
    takesValue: required,
    summary: description,
  }));
  return [...own, { long: '--json', takesValue: false, summary: 'print JSON, also for errors' }];
}

const help = `
Examples:
  $ source <(agent-identity completions bash)
  $ agent-identity completions fish > ~/.config/fish/completions/agent-identity.fish`;
