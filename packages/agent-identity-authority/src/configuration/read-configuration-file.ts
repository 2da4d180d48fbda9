import { constants, open } from 'node:fs/promises';
import { isAgentIdentityError } from 'agent-identity-core';
import { showFileName, systemErrorCode } from 'agent-identity-core/http';
import { programError } from '../errors.js';

/**
 * Reads a one-line secret from a file, for example one that a secret manager mounts.
 *
 * @throws AgentIdentityError `invalid_configuration`
 */
export async function readSecretFile(file: string): Promise<string> {
  return (await readConfigurationFile(file)).trim();
}

const maxBytes = 1024 * 1024;

/**
 * Reads a regular file, also through a symbolic link. A named pipe would block until a process writes into it.
 *
 * @throws AgentIdentityError `invalid_configuration` for a file that cannot be read
 */
export async function readConfigurationFile(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw unreadable(file, 'it is not a regular file');
      if (stats.size > maxBytes) throw unreadable(file, `it has over ${maxBytes} bytes`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw isAgentIdentityError(error) ? error : unreadable(file, systemErrorCode(error) ?? 'unreadable');
  }
}

function unreadable(file: string, reason: string): Error {
  return programError('invalid_configuration', `${showFileName(file)}: cannot be read (${reason})`);
}
