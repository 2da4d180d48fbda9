import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { openStore } from 'agent-identity-authority-sql';
import { query } from 'test-support/postgres';
import { postgresBinaries } from 'test-support/postgres-binaries';
import { type Measurement, median } from '../measure.js';

const run = promisify(execFile);

/** How many clients, and how many nodes they are spread over. */
export interface Crowd {
  readonly clients: number;
  readonly nodes: number;
}

const rounds = 3;
const secondsPerRound = 3;

/** A row like that of a task, without what refers to other tables. */
const likeTasks = 'create table like_tasks (like agent_identity.agent_tasks including all)';
const insertLikeTask = `insert into like_tasks values
  ('agent-' || gen_random_uuid(), 'task-' || gen_random_uuid(), '2026-04-23T00:00:00Z', repeat('A', 52) || gen_random_uuid(), 1776902400000, 1776902400000, null);`;

/**
 * Compares task registrations, each of which commits a task and its audit entry, to `pgbench` that inserts the like row with as many clients. Round
 * for round, one after the other.
 */
export async function measureRegistrations(
  databaseUrl: string,
  crowds: readonly Crowd[],
): Promise<Measurement[][]> {
  const masterKey = randomBytes(32).toString('base64');
  await (await openStore(databaseUrl, { masterKey: Buffer.from(masterKey, 'base64') })).close();
  await query(databaseUrl, likeTasks);
  const folder = await mkdtemp(join(tmpdir(), 'bench-pgbench-'));
  try {
    const script = join(folder, 'insert.sql');
    await writeFile(script, insertLikeTask);
    const results: Measurement[][] = [];
    for (const crowd of crowds) {
      results.push(await compare(crowd, { databaseUrl, masterKey, script }));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Setup {
  readonly databaseUrl: string;
  readonly masterKey: string;
  readonly script: string;
}

async function compare(crowd: Crowd, setup: Setup): Promise<Measurement[]> {
  const [theirs, ours]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(1e9 / (await runPgbench(crowd.clients, setup)));
    ours.push(1e9 / (await runNodes(crowd, setup)));
  }
  const ratio = median(ours.map((own, round) => (theirs[round] as number) / own));
  return [
    { name: 'pgbench, one insert', nanoseconds: median(theirs), ratio: 1 },
    { name: registrationsName(crowd), nanoseconds: median(ours), ratio },
  ];
}

/** What the measurement of a crowd is called. */
export function registrationsName({ clients, nodes }: Crowd): string {
  const of = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
  return `task registrations, ${of(clients, 'client')}, ${of(nodes, 'node')}`;
}

/** @returns inserts per second */
async function runPgbench(clients: number, { databaseUrl, script }: Setup): Promise<number> {
  const { hostname, port, pathname } = new URL(databaseUrl);
  const address = ['-h', hostname, '-p', port, '-U', 'postgres'];
  const words = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(clients),
    '-j',
    '2',
    '-T',
    String(secondsPerRound),
    '-f',
    script,
  ];
  const { stdout } = await run(join(await postgresBinaries(), 'pgbench'), [
    ...address,
    ...words,
    pathname.slice(1),
  ]);
  return Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
}

/** @returns registrations per second */
async function runNodes({ clients, nodes }: Crowd, { databaseUrl, masterKey }: Setup): Promise<number> {
  const registrar = join(import.meta.dirname, 'registrar.js');
  const words = [
    registrar,
    databaseUrl,
    String(Math.ceil(clients / nodes)),
    String(secondsPerRound),
    masterKey,
  ];
  const counts = await Promise.all(
    Array.from({ length: nodes }, async () => {
      const { stdout } = await run(execPath, words);
      return (JSON.parse(stdout) as { count: number }).count;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0) / secondsPerRound;
}
