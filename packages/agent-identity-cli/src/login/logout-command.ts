import { unlink } from 'node:fs/promises';
import { systemErrorCode } from 'agent-identity-core/http';
import { printable } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { codexHomeOption } from '../session/identity-options.js';
import { readStoredLogin } from './stored-login.js';

interface LogoutOptions {
  readonly codexHome?: string;
  readonly anyLogin?: boolean;
}

/** Creates the command `logout`. */
export function createLogoutCommand(io: CommandIo): Command {
  return new Command('logout')
    .description(
      'Deletes auth.json if it holds an agent identity. Its authority goes on to accept the identity until it is revoked there. ' +
        'Variables of the environment and a keyring stay as they are.',
    )
    .addOption(codexHomeOption())
    .option('--any-login', 'also delete a ChatGPT login, an API key or another login')
    .action(async (options: LogoutOptions, command: Command) => {
      await printResult(io, command, await logout(options, io));
    });
}

async function logout({ codexHome, anyLogin }: LogoutOptions, io: CommandIo): Promise<CommandResult> {
  const { kind, authFile, store } = await readStoredLogin(codexHome, io);
  if (kind === 'none') throw commandLineError('no_credentials', `${authFile}: expected a login, got none`);
  if (kind !== 'agentIdentityJwt' && kind !== 'agentIdentityRecord' && anyLogin !== true) {
    throw commandLineError(
      'unsupported_credentials',
      `${authFile}: expected an agent identity, got ${kind}; --any-login deletes it all the same`,
    );
  }
  // A registration that is under way would otherwise be lost, and its task with it.
  await store.withLock('bootstrap', () => deleteFile(authFile));
  return { json: { deleted: authFile }, text: `Logged out: ${printable(authFile)} is deleted.` };
}

async function deleteFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown reason';
    throw commandLineError('unwritable_file', `${path}: it cannot be deleted (${code})`);
  }
}
