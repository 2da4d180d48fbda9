import { isAgentIdentityError } from 'agent-identity-core';
import { Command, CommanderError } from 'commander';
import { describedError } from '../server/logger.js';
import { auditCommand } from './audit.js';
import type { CommandIo } from './command-io.js';
import { configCommand } from './config.js';
import { copyCommand } from './copy.js';
import { issueCommand } from './issue.js';
import { revokeCommand } from './revoke.js';
import { rotateCommand } from './rotate.js';
import { serveCommand } from './serve.js';

/**
 * Runs a command line, the words behind the name of the program.
 *
 * @returns the exit code: 0 if it did what was asked, 1 if that failed, 2 if it was asked wrongly
 */
export async function runCommandLine(words: readonly string[], io: CommandIo): Promise<number> {
  const program = new Command('agent-identity-authority')
    .description(
      'Issues agent identities: registers agents, signs their JWTs, answers verifiers, and revokes.',
    )
    .addHelpText('after', programHelp);
  for (const command of [
    serveCommand,
    issueCommand,
    revokeCommand,
    rotateCommand,
    auditCommand,
    copyCommand,
    configCommand,
  ]) {
    program.addCommand(command(io));
  }
  configureCommand(program, io);
  try {
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.writeError(`agent-identity-authority: ${formatError(error)}\n`);
    return isAgentIdentityError(error) && usageErrorCodes.has(error.code) ? 2 : 1;
  }
}

const usageErrorCodes: ReadonlySet<string> = new Set([
  'invalid_argument',
  'invalid_configuration',
  'unsafe_configuration',
  'master_key_required',
  'unsupported_store_url',
  'insecure_url',
]);

const programHelp = `
Start with: agent-identity-authority serve --help

Exit codes: 0 done, 1 failed, 2 asked wrongly.`;

/** Commands and their commands speak through `io` and end by throwing, never the process. */
function configureCommand(command: Command, io: CommandIo): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: io.write, writeErr: io.writeError })
    .showHelpAfterError('Add --help for what there is.');
  for (const inner of command.commands) configureCommand(inner, io);
}

const hints: Readonly<Record<string, string>> = {
  store_in_use: '; if that is a server, speak to it: --url',
  master_key_required:
    '; make one: openssl rand -base64 32 > master.key, and give --master-key-file master.key',
};

/** Errors of this family hold no secrets by their making; of others, what looks like one is taken out. */
function formatError(error: unknown): string {
  if (isAgentIdentityError(error)) return `${error.code}: ${error.message}${hints[error.code] ?? ''}`;
  const { code, message } = describedError(error);
  return code === undefined ? message : `${code}: ${message}`;
}
