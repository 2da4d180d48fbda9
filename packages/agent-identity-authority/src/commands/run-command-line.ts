import { readFile } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import { createAuditCommand } from './audit.js';
import { CommandEnded } from './command-ended.js';
import type { CommandIo } from './command-io.js';
import { createCompletionsCommand } from './completions.js';
import { createConfigCommand } from './config.js';
import { createCopyCommand } from './copy.js';
import { createDoctorCommand } from './doctor.js';
import { createEnrollCommand, createEnrollmentsCommand } from './enroll.js';
import { exitCodeFor, exitCodes } from './exit-codes.js';
import { createFederationCommand } from './federation.js';
import { formatError, formatErrorAsJson } from './format-error.js';
import { createInstancesCommand } from './instances.js';
import { createIssueCommand } from './issue.js';
import { createKeysCommand } from './keys.js';
import { createListCommand, createShowCommand, createTasksCommand } from './list.js';
import { createRevokeCommand } from './revoke.js';
import { createServeCommand } from './serve.js';
import { createResumeCommand, createSuspendCommand } from './suspend.js';

const commands = [
  createServeCommand,
  createIssueCommand,
  createEnrollCommand,
  createEnrollmentsCommand,
  createListCommand,
  createShowCommand,
  createTasksCommand,
  createSuspendCommand,
  createResumeCommand,
  createRevokeCommand,
  createInstancesCommand,
  createKeysCommand,
  createAuditCommand,
  createCopyCommand,
  createConfigCommand,
  createFederationCommand,
  createDoctorCommand,
  createCompletionsCommand,
];

/**
 * Runs a command line.
 *
 * @param words The arguments after the program's name.
 * @returns the exit code: see `exitCodes`
 */
export async function runCommandLine(words: readonly string[], io: CommandIo): Promise<number> {
  const program = new Command('agent-identity-authority')
    .description(
      'Issues agent identities: registers agents, signs their JWTs, answers verifiers, and revokes identities.',
    )
    .addHelpText('after', programHelp);
  for (const createCommand of commands) program.addCommand(createCommand(io));
  configureCommand(program, io, await readVersion());
  try {
    await program.parseAsync(protectKeyId(words), { from: 'user' });
    return exitCodes.success;
  } catch (error) {
    if (error instanceof CommandEnded) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    const isJson = words.includes('--json');
    io.writeError(
      `${isJson ? formatErrorAsJson(error) : `agent-identity-authority: ${formatError(error)}`}\n`,
    );
    return exitCodeFor(error);
  }
}

/** One of 64 key ids begins with a hyphen, and is no option. */
function protectKeyId(words: readonly string[]): readonly string[] {
  const [command, subcommand] = words;
  const keyId = words.find((word) => /^-[\w-]{42}$/.test(word));
  if (command !== 'keys' || subcommand !== 'retire' || keyId === undefined || words.includes('--'))
    return words;
  return [...words.filter((word) => word !== keyId), '--', keyId];
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

const programHelp = `
Start with: agent-identity-authority serve --help

Exit codes:
  0  success
  1  failure
  2  usage: the command line or a setting is wrong
  3  the audit log was changed, no rule accepts the token, or doctor found a problem
  5  the authority refused the command, or there is no agent, task or key with this id
  6  the authority or the store does not answer, or another process has the store open`;

/** Makes a command and its subcommands write to `io`, and throw instead of ending the process. */
function configureCommand(command: Command, io: CommandIo, version: string): void {
  command
    .version(version, '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      // Whoever stops reading the help, such as head, has seen enough.
      writeOut: (text) => void io.write(text).catch(() => {}),
      writeErr: io.writeError,
    })
    .showHelpAfterError('Use --help for usage.');
  for (const subcommand of command.commands) configureCommand(subcommand, io, version);
}
