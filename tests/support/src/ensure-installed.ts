import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Finds a program that tests need. Installs Debian's packages first if it is missing, this is Debian, and the user is root.
 *
 * @param find Returns what it found; `undefined` if it is missing.
 * @param hint What to install by hand; the text of the error.
 */
export async function ensureInstalled<Found>(
  find: () => Promise<Found | undefined>,
  packages: readonly string[],
  hint: string,
): Promise<Found> {
  const found = await find();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && (await isThere('/usr/bin/apt-get'))) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = () =>
      run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], { env });
    await install().catch(async () => {
      await run('apt-get', ['update'], { env });
      await install();
    });
    const installed = await find();
    if (installed !== undefined) return installed;
  }
  throw new Error(hint);
}

/** Finds a program on the PATH, or where Debian keeps those of administrators. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin']) {
    if (folder !== '' && (await isThere(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
