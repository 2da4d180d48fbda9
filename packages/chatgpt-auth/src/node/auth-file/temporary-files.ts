import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pid } from 'node:process';
import type { FileSystem } from '../file-effects.js';

/** A new name for a file that will become `auth.json`. Only this package names files like this. */
export function createTemporaryName(): string {
  return `.chatgpt-auth-${pid}-${randomUUID()}.tmp`;
}

const temporaryName =
  /^\.chatgpt-auth-[1-9]\d*-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.tmp$/;

/**
 * Removes the temporary files of our writers that crashed: they hold credentials, and would outlive a logout. Runs under
 * the write lock, so no file of a write in progress is among them. Files with any other name are never removed.
 */
export async function removeLeftovers(directory: string, fs: FileSystem): Promise<void> {
  const entries = await fs.readdir(directory).catch(() => []);
  for (const entry of entries.filter((name) => temporaryName.test(name))) {
    await fs.unlink(join(directory, entry)).catch(() => undefined);
  }
}
