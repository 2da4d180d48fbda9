import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, findProgram } from './ensure-installed.js';
import { freePort } from './free-port.js';
import { spawnGuarded } from './spawn-guarded.js';

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

function redisBinary(): Promise<string> {
  return ensureInstalled(
    () => findProgram('redis-server'),
    ['redis-server'],
    'These tests start a Redis server, and there is none: install Redis 7 or later, or Valkey ' +
      '(apt-get install redis-server, brew install redis), and put redis-server on the PATH.',
  );
}
