import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileAuthStore } from 'chatgpt-auth/node';
import type { CodexHome } from './codex-home.js';

export function lockFolder(home: CodexHome): string {
  return join(home.path, 'chatgpt-auth-locks');
}

/** Leaves a lock as its holder would have written it. */
export async function leaveLock(
  home: CodexHome,
  owner: object | string,
  name = 'bootstrap.1',
): Promise<string> {
  await mkdir(lockFolder(home), { recursive: true });
  const path = join(lockFolder(home), name);
  await writeFile(path, typeof owner === 'string' ? owner : JSON.stringify(owner));
  return path;
}

/** The content of a lock file of this process. */
export async function readOwner(home: CodexHome): Promise<Record<string, unknown>> {
  return fileAuthStore({ codexHome: home.path }).withLock('refresh', async () =>
    JSON.parse(await readFile(join(lockFolder(home), 'refresh.1'), 'utf8')),
  );
}
