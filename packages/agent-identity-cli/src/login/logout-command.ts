import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from 'agent-identity-core/http';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { printable } from '../program/printable.js';

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
    .option('--codex-home <folder>', 'the folder of the Codex client [CODEX_HOME]; ~/.codex by default')
    .option('--any-login', 'also delete a ChatGPT login, an API key or another login')
    .action(async (options: LogoutOptions, command: Command) => {
      await printResult(io, command, await logout(options, io));
    });
}

async function logout({ codexHome, anyLogin }: LogoutOptions, io: CommandIo): Promise<CommandResult> {
  const { CODEX_API_KEY: _key, CODEX_ACCESS_TOKEN: _token, ...env } = io.environment;
  const { openCodexLogin } = await import('chatgpt-auth/node');
  const { auth, store, settings } = await openCodexLogin({ env, codexHome });
  const { kind } = auth.credentials;
  const path = join(settings.codexHome, 'auth.json');
  if (kind === 'none') throw commandLineError('no_credentials', `${path}: expected a login, got none`);
  if (store.location !== path) {
    throw commandLineError(
      'unsupported_store',
      'expected a login in auth.json, got one in a keyring: codex logout',
    );
  }
  if (kind !== 'agentIdentityJwt' && kind !== 'agentIdentityRecord' && anyLogin !== true) {
    throw commandLineError(
      'unsupported_credentials',
      `${path}: expected an agent identity, got ${kind}; --any-login deletes it all the same`,
    );
  }
  // A registration that is under way would otherwise be lost, and its task with it.
  await store.withLock('bootstrap', () => deleteFile(path));
  return { json: { deleted: path }, text: `Logged out: ${printable(path)} is deleted.` };
}

async function deleteFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown reason';
    throw commandLineError('unwritable_file', `${path}: it cannot be deleted (${code})`);
  }
}
