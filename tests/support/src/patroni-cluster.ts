import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureInstalled, findProgram } from './ensure-installed.js';
import { freePort } from './free-port.js';
import { newServerFolder, otherUser, type User } from './other-user.js';
import { haproxyConfiguration, type MemberAddress, patroniConfiguration } from './patroni-configuration.js';
import { postgresBinaries } from './postgres-binaries.js';
import { query } from './postgres-server.js';
import { spawnGuarded } from './spawn-guarded.js';

const run = promisify(execFile);

/** A member of a cluster, as Patroni describes it. */
export interface PatroniMember {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

/** A real Patroni cluster on loopback: Postgres servers that elect a leader by etcd, and HAProxy before them. */
export interface PatroniCluster {
  /** By HAProxy, which leads to the leader. */
  readonly proxyUrl: string;
  /** Names all servers, of which one takes changes. */
  readonly serversUrl: string;
  members(): Promise<readonly PatroniMember[]>;
  /** Kills the leader with its Patroni, by `kill -9`, as when its machine is lost. @returns its name */
  killLeader(): Promise<string>;
  /** Starts a member again. */
  start(name: string): Promise<void>;
  /** Gives the lead to another member, without a failure. */
  switchover(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster with synchronous replication. It takes about ten seconds. */
export async function startPatroniCluster(size = 3): Promise<PatroniCluster> {
  const programs = await findPrograms();
  const owner = await otherUser();
  const folder = await newServerFolder('patroni-cluster-', owner);
  const cluster = new Cluster({ ...programs, folder, owner });
  await cluster.begin(size);
  return cluster;
}

interface ClusterParts {
  readonly binaries: string;
  readonly etcd: string;
  readonly patroni: string;
  readonly haproxy: string;
  readonly folder: string;
  readonly owner: User | undefined;
}

interface Member extends MemberAddress {
  guard?: ChildProcess;
}

class Cluster implements PatroniCluster {
  readonly #parts: ClusterParts;
  readonly #others: ChildProcess[] = [];
  #members: Member[] = [];
  #proxyPort = 0;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
  }

  get proxyUrl(): string {
    return `postgres://postgres@127.0.0.1:${this.#proxyPort}/postgres`;
  }

  get serversUrl(): string {
    return `postgres://postgres@${this.#members.map(({ port }) => `127.0.0.1:${port}`).join(',')}/postgres`;
  }

  async begin(size: number): Promise<void> {
    const { etcd, haproxy, folder } = this.#parts;
    const etcdPort = await freePort();
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    const etcdWords = ['--data-dir', join(folder, 'etcd'), '--listen-client-urls', etcdUrl];
    etcdWords.push('--advertise-client-urls', etcdUrl, '--listen-peer-urls', peerUrl);
    etcdWords.push('--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `default=${peerUrl}`);
    this.#spawn([etcd, ...etcdWords]);
    for (let i = 1; i <= size; i += 1) {
      this.#members.push({ name: `node-${i}`, port: await freePort(), apiPort: await freePort() });
    }
    this.#proxyPort = await freePort();
    await writeFile(join(folder, 'haproxy.cfg'), haproxyConfiguration(this.#proxyPort, this.#members));
    for (const member of this.#members) {
      await mkdir(join(folder, member.name));
      await this.#own(join(folder, member.name));
      const file = join(folder, `${member.name}.json`);
      await writeFile(file, JSON.stringify(patroniConfiguration(member, { ...this.#parts, etcdPort })));
      await this.start(member.name);
      await until(() => this.#isRunning(member), 60);
    }
    this.#spawn([haproxy, '-f', join(folder, 'haproxy.cfg')]);
    await until(() => this.#hasSynchronousStandby(), 60);
    await until(() => query(this.proxyUrl, 'select 1').then(Boolean), 60);
  }

  async members(): Promise<readonly PatroniMember[]> {
    for (const { apiPort } of this.#members) {
      const answer = await ask(apiPort, 'cluster');
      if (answer?.ok) return ((await answer.json()) as { members: PatroniMember[] }).members;
    }
    return [];
  }

  async killLeader(): Promise<string> {
    const leader = await this.#leader();
    const data = join(this.#parts.folder, leader.name, 'data');
    const [postmaster = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
    const { stdout } = await run('pgrep', ['-P', String(leader.guard?.pid), '-f', '^[^ ]*python']);
    const ended = leader.guard && once(leader.guard, 'exit');
    for (const pid of [...stdout.trim().split('\n'), postmaster]) {
      if (pid !== '') await run('kill', ['-9', pid]);
    }
    await ended;
    return leader.name;
  }

  async start(name: string): Promise<void> {
    const member = this.#memberNamed(name);
    const { patroni, folder } = this.#parts;
    member.guard = this.#spawn([patroni, join(folder, `${name}.json`)], false);
  }

  async switchover(): Promise<void> {
    const leader = await this.#leader();
    await until(() => this.#hasSynchronousStandby(), 60);
    const answer = await fetch(`http://127.0.0.1:${leader.apiPort}/switchover`, {
      method: 'POST',
      body: JSON.stringify({ leader: leader.name }),
    });
    if (!answer.ok) throw new Error(`Patroni refused a switchover: ${await answer.text()}`);
  }

  async stop(): Promise<void> {
    const guards = [...this.#members.map(({ guard }) => guard), ...this.#others.reverse()];
    for (const guard of guards) {
      if (guard?.exitCode !== null) continue;
      const ended = once(guard, 'exit');
      guard.stdin?.end();
      await ended;
    }
    await rm(this.#parts.folder, { recursive: true, force: true });
  }

  async #leader(): Promise<Member> {
    const leader = (await this.members()).find(({ role }) => role === 'leader');
    return this.#memberNamed(leader?.name ?? '');
  }

  #memberNamed(name: string): Member {
    const member = this.#members.find((candidate) => candidate.name === name);
    if (member === undefined) throw new Error(`the cluster has no member ${name}`);
    return member;
  }

  async #isRunning({ name }: Member): Promise<boolean> {
    const member = (await this.members()).find((candidate) => candidate.name === name);
    return member?.state === 'running' || member?.state === 'streaming';
  }

  async #hasSynchronousStandby(): Promise<boolean> {
    return (await this.members()).some(({ role }) => role === 'sync_standby');
  }

  #spawn(command: readonly string[], isOther = true): ChildProcess {
    const { owner, folder } = this.#parts;
    const guard = spawnGuarded(command, { ...owner, cwd: folder }, 'TERM');
    if (isOther) this.#others.push(guard);
    return guard;
  }

  async #own(path: string): Promise<void> {
    const { owner } = this.#parts;
    if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  }
}

async function findPrograms(): Promise<Omit<ClusterParts, 'folder' | 'owner'>> {
  const find = (name: string, ...packages: string[]) =>
    ensureInstalled(
      () => findProgram(name),
      packages,
      `This test starts a Patroni cluster, and there is no ${name}: install Patroni, etcd and HAProxy ` +
        '(apt-get install patroni etcd-server haproxy), and put them on the PATH.',
    );
  return {
    binaries: await postgresBinaries(),
    etcd: await find('etcd', 'etcd-server'),
    patroni: await find('patroni', 'patroni'),
    haproxy: await find('haproxy', 'haproxy'),
  };
}

async function ask(apiPort: number, path: string): Promise<Response | undefined> {
  try {
    return await fetch(`http://127.0.0.1:${apiPort}/${path}`, { signal: AbortSignal.timeout(2000) });
  } catch {
    return undefined;
  }
}

async function until(check: () => Promise<boolean>, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await check().catch(() => false))) {
    if (performance.now() > end) throw new Error('the Patroni cluster is not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
