import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { spawnGuarded } from './spawn-guarded.js';

const run = promisify(execFile);

/** A real Redis server on loopback, which keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  start(): Promise<void>;
  /** Ends the server with all connections. What it held is gone. */
  crash(): Promise<void>;
  /** Ends the server for good. */
  stop(): Promise<void>;
}

/** Starts a server with these settings, such as `maxmemory 1mb` or `cluster-enabled yes`. */
export async function startRedisServer(settings: readonly string[] = []): Promise<RedisServer> {
  const binary = await redisBinary();
  const folder = await mkdtemp(join(tmpdir(), 'redis-server-'));
  const port = await freePort();
  const command = [binary, '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  command.push('--cluster-port', String(await freePort()), '--cluster-announce-ip', '127.0.0.1');
  for (const setting of settings) command.push(...`--${setting}`.split(' '));
  let guard: ChildProcess | undefined;

  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const started = spawnGuarded(command, { cwd: folder }, 'TERM');
      guard = started;
      while (!(await accepts(port))) {
        if (started.exitCode !== null) throw new Error('Redis did not start');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async crash() {
      if (guard?.exitCode !== null) return;
      const ended = once(guard, 'exit');
      guard.stdin?.end();
      await ended;
    },
    async stop() {
      await server.crash();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Finds `redis-server`. Installs Debian's package if this is Debian and the user is root. */
async function redisBinary(): Promise<string> {
  const found = await findOnPath();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && (await exists('/usr/bin/apt-get'))) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = () =>
      run('apt-get', ['install', '--yes', '--no-install-recommends', 'redis-server'], { env });
    await install().catch(async () => {
      await run('apt-get', ['update'], { env });
      await install();
    });
    const installed = await findOnPath();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'These tests start a Redis server, and there is none: install Redis 7 or later, or Valkey ' +
      '(apt-get install redis-server, brew install redis), and put redis-server on the PATH.',
  );
}

async function findOnPath(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    if (folder !== '' && (await exists(join(folder, 'redis-server')))) return join(folder, 'redis-server');
  }
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
