import { lstat, stat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { dirname } from 'node:path';
import { getuid } from 'node:process';
import { systemErrorCode } from 'agent-identity-core/http';
import { brokerError } from './errors.js';
import type { BrokerSettings } from './start-broker-options.js';

/**
 * Starts listening.
 *
 * @returns the port; `undefined` for a Unix socket
 * @throws AgentIdentityError `unsafe_socket`, `cannot_listen`
 */
export async function listen(
  server: Server,
  { listenOn, accessToken }: Pick<BrokerSettings, 'listenOn' | 'accessToken'>,
): Promise<number | undefined> {
  if ('path' in listenOn) {
    if (accessToken === undefined) await requirePrivateFolder(listenOn.path);
    await removeDeadSocket(listenOn.path);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error)));
    server.listen(listenOn, resolve);
  });
  return 'path' in listenOn ? undefined : (server.address() as AddressInfo).port;
}

/** Whoever cannot enter the folder cannot reach the socket, whatever its own permissions are. */
async function requirePrivateFolder(path: string): Promise<void> {
  const folder = await stat(dirname(path)).catch((error) => {
    throw cannotListen(error);
  });
  const isPrivate = (folder.mode & 0o077) === 0 && folder.uid === getuid?.();
  if (isPrivate) return;
  throw brokerError(
    'unsafe_socket',
    'socketPath: expected a folder of this user that is closed to others (mode 0700), or an access token',
  );
}

/** Removes the socket of a broker that ended without doing so. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() && !(await isServed(path))) await unlink(path);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(systemErrorCode(error) !== 'ECONNREFUSED'));
  });
}

function cannotListen(error: unknown): Error {
  return brokerError('cannot_listen', `cannot listen: ${systemErrorCode(error) ?? 'unknown error'}`);
}
