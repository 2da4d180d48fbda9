import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A user of this machine. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Creates a temporary folder that a server can use which runs as this user. */
export async function newServerFolder(prefix: string, user: User | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await chmod(folder, 0o755);
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return folder;
}

/** Whom a server runs as that refuses to run as root; `undefined` for this user. */
export async function otherUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: string, user: string) => Number((await run('id', [flag, user])).stdout);
  const user = await idOf('-u', 'postgres').then(
    () => 'postgres',
    () => 'nobody',
  );
  return { uid: await idOf('-u', user), gid: await idOf('-g', user) };
}
