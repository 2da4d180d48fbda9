/**
 * Compares what a store of 1,000,000 runtimes and 10,000,000 tasks costs with one of 1,000 and 10,000: node growth.js. Loads both by COPY into one Postgres
 * server, and measures them in turns. It takes some minutes, and 8 GB of disk.
 */
import { randomBytes } from 'node:crypto';
import {
  type Authority,
  type AuthorityStore,
  createAuthority,
  staticTokens,
} from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import {
  type AgentKey,
  createAgentAssertion,
  formatAgentAssertion,
  generateAgentKey,
} from 'agent-identity-core';
import { type AssertionVerifier, createAssertionVerifier } from 'agent-identity-verifier';
import { query, startPostgresServer } from 'test-support/postgres';
import { median } from '../measure.js';
import { newRuntime, newTask } from './sample.js';

const masterKey = randomBytes(32);
const rounds = 400;
const tasksPerRuntime = 10;

/** A loaded store, and what to use it with. */
interface Loaded {
  readonly runtimes: number;
  readonly store: AuthorityStore;
  readonly authority: Authority;
  readonly verifier: AssertionVerifier;
  readonly agentKey: AgentKey;
  readonly agentRuntimeId: string;
}

const runtimeId = (i: number) => `agent-${String(i).padStart(36, '0')}`;
const taskId = (i: number, task: number) =>
  `task-${String(i).padStart(32, '0')}-${String(task).padStart(3, '0')}`;

async function load(url: string, runtimes: number): Promise<Loaded> {
  const store = await openStore(url, { masterKey });
  const startedAt = performance.now();
  const row = (format: string, values: string, count: number) =>
    `seq 0 ${count - 1} | awk '{ printf "${format}\\n", ${values} }'`;
  const runtimeRows = row(
    `agent-%036d\\tssh-ed25519 %d\\taccount-%d\\tuser-1\\tbusiness\\t\\\\N\\t\\\\N\\t{}\\t\\\\N\\t[]\\t1776902400000${'\\t\\\\N'.repeat(3)}`,
    '$1, $1, int($1 / 100)',
    runtimes,
  );
  const taskValues = `int($1 / ${tasksPerRuntime}), int($1 / ${tasksPerRuntime}), $1 % ${tasksPerRuntime}, $1`;
  const taskRows = row(
    'agent-%036d\\ttask-%032d-%03d\\t2026-04-23T00:00:00Z\\t%088d\\t1776902400000\\t1776902400000\\t\\\\N',
    taskValues,
    runtimes * tasksPerRuntime,
  );
  await copyFrom(url, 'agent_runtimes', runtimeRows);
  await copyFrom(url, 'agent_tasks', taskRows);
  await query(url, 'vacuum (analyze) agent_identity.agent_runtimes, agent_identity.agent_tasks');
  console.log(`${runtimes} runtimes loaded in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  const agentKey = generateAgentKey();
  const runtime = { ...newRuntime(), publicKeySsh: agentKey.publicKey.ssh };
  await store.addAgentRuntime(runtime);
  const authority = await createAuthority({ store, authenticator: staticTokens([]) });
  const verifier = createAssertionVerifier({ directory: authority.directory });
  return { runtimes, store, authority, verifier, agentKey, agentRuntimeId: runtime.agentRuntimeId };
}

/** Does not look up the runtime of each task. */
async function copyFrom(url: string, table: string, program: string): Promise<void> {
  const withoutChecks = `${url}?options=${encodeURIComponent('-c session_replication_role=replica')}`;
  await query(withoutChecks, `copy agent_identity.${table} from program '${program.replaceAll("'", "''")}'`);
}

const random = (count: number) => Math.floor(Math.random() * count);

/** Each returns what is timed, after its preparation. */
const operations: Readonly<
  Record<string, (loaded: Loaded, round: number) => Promise<() => Promise<unknown>>>
> = {
  'register a task': async ({ store, runtimes }) => {
    const task = newTask(runtimeId(random(runtimes)));
    return () => store.addAgentTask(task);
  },
  'look up a runtime and a task': async ({ store, runtimes }) => {
    const i = random(runtimes);
    return () =>
      Promise.all([store.findAgentRuntime(runtimeId(i)), store.findAgentTask(runtimeId(i), taskId(i, 3))]);
  },
  'list the newest runtimes':
    async ({ store }) =>
    () =>
      store.listAgentRuntimes({ limit: 50 }),
  'list the runtimes of an account': async ({ store, runtimes }) => {
    const accountId = `account-${random(runtimes / 100)}`;
    return () => store.listAgentRuntimes({ accountId, limit: 50 });
  },
  'revoke a runtime': async ({ store, runtimes }, round) => {
    // Each runtime once: the first ones are not used otherwise.
    const id = runtimeId(Math.floor((round * runtimes) / rounds));
    return () => store.revokeAgentRuntime(id, Date.now(), { actor: 'bench' });
  },
  'verify an assertion of a new task': async ({ store, verifier, agentKey, agentRuntimeId }) => {
    const task = newTask(agentRuntimeId);
    await store.addAgentTask(task);
    const header = formatAgentAssertion(
      createAgentAssertion({ agentKey, agentRuntimeId, taskId: task.taskId }),
    );
    return () => verifier.verify(header, { accountId: 'account-1' });
  },
};

async function measure(name: string, stores: readonly Loaded[]): Promise<void> {
  const samples = stores.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, loaded] of stores.entries()) {
      const work = await operations[name]?.(loaded, round);
      const startedAt = performance.now();
      await work?.();
      samples[i]?.push((performance.now() - startedAt) * 1000);
    }
  }
  const [small = 0, large = 0] = samples.map(median);
  console.log(
    `${name.padEnd(40)}${small.toFixed(0).padStart(8)} µs${large.toFixed(0).padStart(8)} µs${(large / small).toFixed(2).padStart(8)}×`,
  );
}

const server = await startPostgresServer([
  'fsync=off',
  'shared_buffers=1GB',
  'max_wal_size=8GB',
  'autovacuum=off',
]);
const stores: Loaded[] = [];
try {
  for (const runtimes of [1000, 1_000_000]) stores.push(await load(await server.newDatabase(), runtimes));
  for (const name of Object.keys(operations)) await measure(name, stores);
  for (const { runtimes, store } of stores) console.log(runtimes, await store.countRows());
} finally {
  for (const { authority, store } of stores) {
    await authority.close();
    await store.close();
  }
  await server.stop();
}
