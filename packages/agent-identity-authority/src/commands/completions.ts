import {
  type CompletionCommand,
  type CompletionShell,
  formatCompletions,
} from 'agent-identity-core/terminal';
import { Argument, Command } from 'commander';
import type { CommandIo } from './command-io.js';

/** Creates the command `completions`. */
export function createCompletionsCommand(io: CommandIo): Command {
  return new Command('completions')
    .summary('print completions for bash, zsh or fish')
    .description('Prints a script that makes a shell complete commands and options.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', help)
    .action(async (shell: CompletionShell, _options: object, command: Command) => {
      await io.write(formatCompletions(toCompletionCommand(command.parent ?? command), shell));
    });
}

function toCompletionCommand(command: Command): CompletionCommand {
  return {
    name: command.name(),
    summary: command.summary(),
    options: command.options.map(({ long, required, description }) => ({
      long: long ?? '',
      takesValue: required,
      summary: description,
    })),
    commands: command.commands.map(toCompletionCommand),
  };
}

const help = `
Examples:
  $ source <(agent-identity-authority completions bash)
  $ agent-identity-authority completions fish > ~/.config/fish/completions/agent-identity-authority.fish`;
