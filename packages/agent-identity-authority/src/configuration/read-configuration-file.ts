import { readFile } from 'node:fs/promises';
import { systemErrorCode } from 'agent-identity-core/http';
import { programError } from '../errors.js';

/**
 * Reads a one-line secret from a file, for example one that a secret manager mounts.
 *
 * @throws AgentIdentityError `invalid_configuration`
 */
export async function readSecretFile(file: string): Promise<string> {
  return (await readConfigurationFile(file)).trim();
}

/** @throws AgentIdentityError `invalid_configuration` for a file that cannot be read */
export async function readConfigurationFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = systemErrorCode(error) ?? 'unreadable';
    throw programError('invalid_configuration', `${file}: cannot be read (${reason})`);
  }
}
