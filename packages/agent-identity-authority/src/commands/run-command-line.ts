import { readFile } from 'node:fs/promises';
import { isAgentIdentityError } from 'agent-identity-core';
import { Command, CommanderError } from 'commander';
import { describeError } from '../server/logger.js';
import { createAuditCommand } from './audit.js';
import type { CommandIo } from './command-io.js';
import { createConfigCommand } from './config.js';
import { createCopyCommand } from './copy.js';
import { createEnrollCommand, createEnrollmentsCommand } from './enroll.js';
import { createFederationCommand } from './federation.js';
import { createInstancesCommand } from './instances.js';
import { createIssueCommand } from './issue.js';
import { createRevokeCommand } from './revoke.js';
import { createRotateCommand } from './rotate.js';
import { createServeCommand } from './serve.js';
import { createResumeCommand, createSuspendCommand } from './suspend.js';

const commands = [
  createServeCommand,
  createIssueCommand,
  createEnrollCommand,
  createEnrollmentsCommand,
  createSuspendCommand,
  createResumeCommand,
  createRevokeCommand,
  createInstancesCommand,
  createRotateCommand,
  createAuditCommand,
  createCopyCommand,
  createConfigCommand,
  createFederationCommand,
];

/**
 * Runs a command line.
 *
 * @param words The arguments after the program's name.
 * @returns the exit code: 0 for success, 1 for a failure, 2 for a usage error
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
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.writeError(`agent-identity-authority: ${formatError(error)}\n`);
    return isAgentIdentityError(error) && usageErrorCodes.has(error.code) ? 2 : 1;
  }
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

const usageErrorCodes: ReadonlySet<string> = new Set([
  'invalid_argument',
  'invalid_base_url',
  'invalid_configuration',
  'unsafe_configuration',
  'master_key_required',
  'unsupported_store_url',
  'insecure_url',
]);

const programHelp = `
Start with: agent-identity-authority serve --help

Exit codes: 0 success, 1 failure, 2 usage error.`;

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

const hints: Readonly<Record<string, string>> = {
  store_in_use: '; if a server has it open, use --url',
  master_key_required:
    '; create one with: openssl rand -base64 32 > master.key, and pass --master-key-file master.key',
};

/** Errors of this family contain no secrets; other messages are redacted. */
function formatError(error: unknown): string {
  if (isAgentIdentityError(error)) return `${error.code}: ${error.message}${hints[error.code] ?? ''}`;
  const { code, message } = describeError(error);
  return code === undefined ? message : `${code}: ${message}`;
}
