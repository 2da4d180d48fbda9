import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureInstalled, findProgram } from './ensure-installed.js';
import { freePort } from './free-port.js';
import { newServerFolder, otherUser } from './other-user.js';
import { query } from './postgres-server.js';
import { spawnGuarded } from './spawn-guarded.js';

/** A real PgBouncer on loopback. */
export interface PgBouncer {
  /** The URL of the same database through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a PgBouncer before a database, with further lines of its configuration. */
export async function startPgBouncer(
  databaseUrl: string,
  { mode, lines = [] }: { readonly mode: string; readonly lines?: readonly string[] },
): Promise<PgBouncer> {
  const binary = await ensureInstalled(
    () => findProgram('pgbouncer'),
    ['pgbouncer'],
    'These tests start PgBouncer, and there is none: install it (apt-get install pgbouncer, brew install pgbouncer), ' +
      'and put it on the PATH.',
  );
  const owner = await otherUser();
  const folder = await newServerFolder('pgbouncer-', owner);
  const port = await freePort();
  const configuration = [...configurationOf(databaseUrl, port), `pool_mode = ${mode}`, ...lines];
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, `${configuration.join('\n')}\n`);
  const guard = spawnGuarded([binary, file], { ...owner, cwd: folder }, 'TERM');
  const url = `postgres://postgres@127.0.0.1:${port}${new URL(databaseUrl).pathname}`;
  while (!(await answers(url))) {
    if (guard.exitCode !== null) throw new Error('PgBouncer did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    async stop() {
      if (guard.exitCode === null) {
        const ended = once(guard, 'exit');
        guard.stdin?.end();
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configurationOf(databaseUrl: string, port: number): string[] {
  const server = new URL(databaseUrl);
  return [
    '[databases]',
    `* = host=${server.hostname} port=${server.port} user=postgres`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'max_client_conn = 200',
    'default_pool_size = 50',
  ];
}

function answers(url: string): Promise<boolean> {
  return query(url, 'select 1').then(
    () => true,
    () => false,
  );
}
