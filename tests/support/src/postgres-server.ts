import { type ChildProcess, execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from './free-port.js';
import { newServerFolder, otherUser, type User } from './other-user.js';
import { postgresBinaries } from './postgres-binaries.js';
import { spawnGuarded } from './spawn-guarded.js';

const run = promisify(execFile);

/** A real Postgres server on loopback, in a folder of its own. */
export interface PostgresServer {
  /** Creates a database and returns its URL: empty, or a copy of the one with this URL, which must have no connections. */
  newDatabase(templateUrl?: string): Promise<string>;
  /**
   * Starts a copy that follows this server by streaming replication. From then on, a commit here waits until the standby has it
   * on disk. Call it once.
   */
  startStandby(): Promise<Standby>;
  /** Takes a base backup. The server must archive its log: start it with `archivingSettings`. */
  backUp(): Promise<Backup>;
  /** Ends it like a crash, with all connections. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Pauses all its processes: connections stay open, and nothing responds. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it and deletes its files. */
  stop(): Promise<void>;
}

/** A server that follows another one. */
export interface Standby {
  /** The URL of the same database at the standby. */
  urlOf(primaryUrl: string): string;
  /** Makes it a primary. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** A base backup, for restoring up to a point in time. */
export interface Backup {
  /** Starts a server as it was at the restore point of this name (`pg_create_restore_point`). */
  restore(restorePoint: string): Promise<RestoredServer>;
}

/** A server that was restored from a backup. */
export interface RestoredServer {
  /** The URL of the same database at this server. */
  urlOf(originalUrl: string): string;
  stop(): Promise<void>;
}

/** Settings with which a server archives its write-ahead log. */
export const archivingSettings: readonly string[] = [
  'fsync=off',
  'archive_mode=on',
  'archive_command=mkdir -p ../archive && cp %p ../archive/%f',
];

/**
 * Creates a cluster and starts it. Postgres refuses to run as root, so it then runs as the user `postgres` of its package, or as
 * `nobody`.
 *
 * @param settings `fsync=off` saves time.
 */
export async function startPostgresServer(
  settings: readonly string[] = ['fsync=off'],
): Promise<PostgresServer> {
  const binaries = await postgresBinaries();
  const owner = await otherUser();
  const folder = await newServerFolder('postgres-server-', owner);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await run(join(binaries, 'initdb'), initdb, { ...owner, cwd: folder });
  const server = new Cluster({ binaries, settings, owner, folder, data, port: await freePort() });
  await server.start();
  return server;
}

interface ClusterParts {
  readonly binaries: string;
  readonly settings: readonly string[];
  readonly owner: User | undefined;
  readonly folder: string;
  readonly data: string;
  readonly port: number;
}

class Cluster implements PostgresServer {
  readonly #parts: ClusterParts;
  #guard: ChildProcess | undefined;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  async newDatabase(templateUrl?: string): Promise<string> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    const template = templateUrl === undefined ? '' : ` template ${new URL(templateUrl).pathname.slice(1)}`;
    await query(this.#urlOf('postgres'), `create database ${name}${template}`);
    return this.#urlOf(name);
  }

  async startStandby(): Promise<Standby> {
    const { binaries, owner, settings } = this.#parts;
    const standbyFolder = await newServerFolder('postgres-standby-', owner);
    const data = join(standbyFolder, 'data');
    await this.#copyTo(data, ['-R']);
    const standby = new Cluster({
      ...{ binaries, settings, owner, data },
      folder: standbyFolder,
      port: await freePort(),
    });
    await standby.start();
    await query(this.#urlOf('postgres'), "alter system set synchronous_standby_names = 'standby'");
    await query(this.#urlOf('postgres'), 'select pg_reload_conf()');
    return {
      urlOf: (primaryUrl) => standby.#urlOf(new URL(primaryUrl).pathname.slice(1)),
      async promote() {
        // A standby without standbys of its own waits for none.
        await query(standby.#urlOf('postgres'), 'select pg_promote()');
        await query(standby.#urlOf('postgres'), 'alter system reset synchronous_standby_names');
        await query(standby.#urlOf('postgres'), 'select pg_reload_conf()');
      },
      stop: () => standby.stop(),
    };
  }

  async backUp(): Promise<Backup> {
    const folder = await newServerFolder('postgres-backup-', this.#parts.owner);
    const data = join(folder, 'data');
    await this.#copyTo(data, []);
    return {
      restore: async (restorePoint) => {
        const { binaries, owner, folder: original } = this.#parts;
        await writeFile(join(data, 'recovery.signal'), '');
        const settings = [
          'fsync=off',
          `restore_command=cp ${original}/archive/%f %p`,
          `recovery_target_name=${restorePoint}`,
          'recovery_target_action=promote',
        ];
        const restored = new Cluster({ binaries, settings, owner, folder, data, port: await freePort() });
        await restored.start();
        return {
          urlOf: (originalUrl) => restored.#urlOf(new URL(originalUrl).pathname.slice(1)),
          stop: () => restored.stop(),
        };
      },
    };
  }

  /** Copies the running server by `pg_basebackup`. */
  async #copyTo(data: string, words: readonly string[]): Promise<void> {
    const { binaries, owner, folder, port } = this.#parts;
    const source = `host=127.0.0.1 port=${port} user=postgres application_name=standby`;
    const all = ['-d', source, '-D', data, '--checkpoint=fast', '--no-sync', ...words];
    await run(join(binaries, 'pg_basebackup'), all, { ...owner, cwd: folder });
  }

  async start(): Promise<void> {
    const { binaries, settings, owner, folder, data, port } = this.#parts;
    const listening = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
    const options = [...settings, ...listening].flatMap((setting) => ['-c', setting]);
    const command = [join(binaries, 'postgres'), '-D', data, ...options];
    const guard = spawnGuarded(command, { ...owner, cwd: folder }, 'QUIT');
    this.#guard = guard;
    for (;;) {
      try {
        await query(this.#urlOf('postgres'), 'select 1');
        return;
      } catch (error) {
        if (guard.exitCode !== null) throw new Error('Postgres did not start', { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async crash(): Promise<void> {
    const ended = this.#guard && once(this.#guard, 'exit');
    const [postmaster = 0] = await this.#processes();
    process.kill(postmaster, 'SIGQUIT');
    await ended;
  }

  pause(): Promise<void> {
    return this.#signal('SIGSTOP');
  }

  resume(): Promise<void> {
    return this.#signal('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.#guard?.exitCode === null) {
      const ended = once(this.#guard, 'exit');
      this.#guard.stdin?.end();
      await ended;
    }
    await rm(this.#parts.folder, { recursive: true, force: true });
  }

  #urlOf(database: string): string {
    return `postgres://postgres@127.0.0.1:${this.#parts.port}/${database}`;
  }

  async #signal(name: NodeJS.Signals): Promise<void> {
    for (const pid of await this.#processes()) {
      try {
        process.kill(pid, name);
      } catch (error) {
        // A process that has ended meanwhile, such as the one of a connection that was closed, needs no signal.
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    }
  }

  /** The postmaster first, then its child processes. */
  async #processes(): Promise<number[]> {
    const [pid = ''] = (await readFile(join(this.#parts.data, 'postmaster.pid'), 'utf8')).split('\n');
    const { stdout } = await run('pgrep', ['-P', pid]).catch(() => ({ stdout: '' }));
    return [pid, ...stdout.split('\n')].filter((id) => id !== '').map(Number);
  }
}

/** Runs one statement on a new connection. */
export async function query(
  url: string,
  statement: string,
  parameters?: unknown[],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, parameters)).rows;
  } finally {
    await client.end();
  }
}
