import { open, unlink } from 'node:fs/promises';
import { systemErrorCode } from 'agent-identity-core/http';
import { commandLineError } from '../errors.js';

/**
 * Writes a secret to a new file with mode 0600. A file that exists is never overwritten.
 *
 * @throws AgentIdentityError `unwritable_file`
 */
export async function writeSecretFile(path: string, secret: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  try {
    await file.writeFile(secret);
    await file.sync();
  } catch (error) {
    await unlink(path).catch(() => {});
    throw unwritable(path, error);
  } finally {
    await file.close();
  }
}

function unwritable(path: string, error: unknown): Error {
  const code = systemErrorCode(error) ?? 'unknown reason';
  const reason = code === 'EEXIST' ? 'it exists and is not overwritten' : `it cannot be written (${code})`;
  return commandLineError('unwritable_file', `${path}: ${reason}`);
}
