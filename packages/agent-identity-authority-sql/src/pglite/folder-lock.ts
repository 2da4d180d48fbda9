import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemErrorCode } from 'agent-identity-core/http';

/** Keeps other processes out of a folder until it is released, or until this process ends in any way. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Locks a folder unless another process has locked it.
 *
 * Each process listens on its own Unix socket in the folder, and then checks whether another socket accepts connections. If
 * two processes start at once, at least one sees the other. The kernel closes a socket with its process, so a crash leaves
 * nothing locked, even between containers with separate process ids. A paused process still holds the lock. The lock does
 * not work across machines that share a network file system.
 *
 * @returns `undefined` if another process has the lock
 */
export async function lockFolder(folder: string): Promise<FolderLock | undefined> {
  await makeFolder(folder);
  const own = `${randomBytes(6).toString('hex')}.sock`;
  const server = createServer((socket) => socket.destroy()).unref();
  const release = async () => {
    await closeServer(server);
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

/** Creates one level at a time: in one call, a read-only disk would look like a missing path. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || folder === dirname(folder)) throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder);
  }
}

/** Whether another process listens. Removes the sockets of dead processes. */
async function othersListen(folder: string, short: string, own: string): Promise<boolean> {
  const others = (await readdir(folder)).filter((name) => name.endsWith('.sock') && name !== own);
  const results = await Promise.all(
    others.map(async (name) => {
      if (await acceptsConnections(join(short, name))) return true;
      await rm(join(folder, name), { force: true });
      return false;
    }),
  );
  return results.includes(true);
}

async function acceptsConnections(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Anything else, such as EACCES or a full backlog, may be a live process.
    return !['ECONNREFUSED', 'ENOENT'].includes(systemErrorCode(error) ?? '');
  } finally {
    socket.destroy();
  }
}

/** Makes a path to the same folder that fits into the address of a Unix socket, which has about 100 bytes. */
async function shortPathTo(folder: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'aia-'));
  const path = join(parent, 'f');
  await symlink(resolve(folder), path);
  return { path, remove: () => rm(parent, { recursive: true, force: true }) };
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
