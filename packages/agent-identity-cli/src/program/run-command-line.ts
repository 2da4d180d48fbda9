import { redactCredentials } from 'agent-identity-core/http';
import { Command, CommanderError } from 'commander';
import { CommandEnded } from './command-ended.js';
import type { CommandIo } from './command-io.js';
import { commandTable } from './command-table.js';
import { exitCodeFor, exitCodes } from './exit-codes.js';
import { formatError, formatErrorAsJson } from './format-error.js';
import { programHelp } from './program-help.js';
import { readVersion } from './read-version.js';

/**
 * Runs a command line of `agent-identity`. Loads only the modules of the command that it names.
 *
 * @param words The arguments after the program's name.
 * @returns the exit code: see `exitCodes`. Errors are written to `io`, and never thrown.
 * @example
 * ```ts
 * import { type CommandIo, runCommandLine } from 'agent-identity-cli';
 *
 * const inspect = (line: string, io: CommandIo) => runCommandLine(['inspect', line, '--json'], io);
 * ```
 */
export async function runCommandLine(words: readonly string[], io: CommandIo): Promise<number> {
  try {
    // The second word may be the command, in: help keygen.
    const program = await createProgram(io, (name) => words.slice(0, 2).includes(name));
    await program.parseAsync(words, { from: 'user' });
    return exitCodes.success;
  } catch (error) {
    if (error instanceof CommandEnded) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    const options = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined);
    io.writeError(options.includes('--json') ? formatErrorAsJson(error) : formatError(error));
    return exitCodeFor(error);
  }
}

/** Creates the program. Commands that are not wanted have only a name and a summary. */
async function createProgram(context: CommandIo, isWanted: (name: string) => boolean): Promise<Command> {
  const program = new Command('agent-identity')
    .description('Creates, inspects and uses agent identities.')
    .version(await readVersion(), '--version', 'print the version')
    .addHelpText('after', programHelp);
  configureCommand(program, context);
  for (const { name, summary, load } of commandTable) {
    const command = isWanted(name) ? await load(context) : new Command(name);
    configureCommand(command.option('--json', 'print JSON, also for errors'), context);
    program.addCommand(command.summary(summary));
  }
  return program;
}

/** Makes a command write to `io`, and throw instead of ending the process. */
function configureCommand(command: Command, io: CommandIo): void {
  command
    .exitOverride()
    .configureOutput({
      // Whoever stops reading the help, such as head, has seen enough.
      writeOut: (text) => void io.write(text).catch(() => {}),
      // An argument in the wrong place may be a secret.
      writeErr: (text) => io.writeError(redactCredentials(text)),
    })
    .showHelpAfterError('Use --help for usage.');
}
