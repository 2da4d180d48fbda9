import { Client } from 'pg';
import { someRuntime, someTaskOf } from 'test-support';
import { startPostgresServer } from 'test-support/postgres';
import { expect, it, onTestFinished } from 'vitest';
import { sequence } from '../support/audit-log.js';
import { openedStore } from '../support/store-kinds.js';

it('three nodes that register tasks of different runtimes never wait for a lock', async () => {
  const server = await startPostgresServer();
  onTestFinished(() => server.stop());
  const url = await server.newDatabase();
  const stores = [await openedStore(url), await openedStore(url), await openedStore(url)] as const;
  const runtimes = Array.from({ length: 30 }, someRuntime);
  for (const runtime of runtimes) await stores[0].addAgentRuntime(runtime);
  let isRunning = true;
  let tasks = 0;
  const clients = runtimes.map(async (runtime, index) => {
    for (let i = 0; i < 200; i += 1) {
      const task = { ...someTaskOf(runtime), registrationSignature: `signature-${i}` };
      await stores[index % 3]?.addAgentTask(task);
      tasks += 1;
    }
  });
  const sampling = new Client({ connectionString: url });
  await sampling.connect();
  onTestFinished(() => sampling.end());
  const samples: { active: number; waits: string | null }[] = [];
  // `extend` is the moment in which the file of a table grows; it is no lock on a row.
  const sampler = (async () => {
    while (isRunning) {
      const { rows } = await sampling.query(
        `select count(*) filter (where state = 'active') as active,
          string_agg(wait_event, ' ') filter (where wait_event_type = 'Lock' and wait_event <> 'extend') as waits
        from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      samples.push({ active: Number(rows[0]?.active), waits: rows[0]?.waits });
    }
  })();
  const sequencer = (async () => {
    while (isRunning) await sequence(stores[1]);
  })();
  await Promise.all(clients);
  isRunning = false;
  await Promise.all([sampler, sequencer]);
  const busy = samples.filter(({ active }) => active > 0);
  process.stdout.write(`${tasks} tasks; ${samples.length} samples, ${busy.length} with active statements\n`);
  expect(busy.length).toBeGreaterThan(10);
  expect(samples.filter(({ waits }) => waits !== null)).toEqual([]);
});
