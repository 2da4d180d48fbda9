import { readFile } from 'node:fs/promises';
import { programError } from '../errors.js';

/**
 * Reads a secret of one line from a file, such as one that a secret manager mounts.
 *
 * @throws AgentIdentityError `invalid_configuration`
 */
export async function readSecretFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw programError('invalid_configuration', `${file}: cannot be read (${reason})`);
  }
}
