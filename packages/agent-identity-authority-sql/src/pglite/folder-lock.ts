import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Keeps other processes out of a folder, until it is released or this process ends, however it ends. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Locks a folder, if no other process has locked it.
 *
 * Each process listens on a Unix socket of its own in the folder, and only then looks whether anybody answers on
 * another one: of two that come at once, at least one sees the other. The kernel closes a socket with its process,
 * so nothing stays locked after a crash, also where process ids mean something else to another container. Somebody who
 * is paused still counts. It does not reach across machines that share a network file system.
 *
 * @returns `undefined` if somebody else has it
 */
export async function lockFolder(folder: string): Promise<FolderLock | undefined> {
  await makeFolder(folder);
  const own = `${randomBytes(6).toString('hex')}.sock`;
  const server = createServer((socket) => socket.destroy()).unref();
  const release = async () => {
    await closed(server);
    await rm(join(folder, own), { force: true });
  };
  const short = await shortPathTo(folder);
  try {
    server.listen(join(short.path, own));
    await once(server, 'listening');
    if (!(await othersListen(folder, short.path, own))) return { release };
    await release();
    return undefined;
  } catch (error) {
    await release();
    throw error;
  } finally {
    await short.remove();
  }
}

/** Level by level: in one go, a disk that is read-only would show as a path that is not there. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || folder === dirname(folder)) throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder);
  }
}

/** Asks all others, and sweeps up what dead processes have left. */
async function othersListen(folder: string, short: string, own: string): Promise<boolean> {
  const others = (await readdir(folder)).filter((name) => name.endsWith('.sock') && name !== own);
  const answers = await Promise.all(
    others.map(async (name) => {
      if (await isAnswered(join(short, name))) return true;
      await rm(join(folder, name), { force: true });
      return false;
    }),
  );
  return answers.includes(true);
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Anything else, such as EACCES or a full backlog, may be a process that lives.
    return !['ECONNREFUSED', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    socket.destroy();
  }
}

/** A path to the same folder that fits into the address of a Unix socket, which has about 100 bytes. */
async function shortPathTo(folder: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'aia-'));
  const path = join(parent, 'f');
  await symlink(resolve(folder), path);
  return { path, remove: () => rm(parent, { recursive: true, force: true }) };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
