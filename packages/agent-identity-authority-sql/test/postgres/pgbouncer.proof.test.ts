import { openStore } from 'agent-identity-authority-sql';
import { someRuntime, someTaskOf } from 'test-support';
import { startPgBouncer } from 'test-support/pgbouncer';
import { type PostgresServer, startPostgresServer } from 'test-support/postgres';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { masterKey, openedStore } from '../support/store-kinds.js';

const ignored = 'ignore_startup_parameters = statement_timeout, idle_in_transaction_session_timeout';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgresServer();
  return () => server.stop();
});

async function pooled(mode: string, lines: readonly string[] = [ignored]) {
  const pooler = await startPgBouncer(await server.newDatabase(), { mode, lines });
  onTestFinished(() => pooler.stop());
  return pooler;
}

it('stores work through PgBouncer in session mode, and hear of each other’s changes', async () => {
  const { url } = await pooled('session');
  const [one, other] = [await openedStore(url), await openedStore(url)];
  const runtime = someRuntime();
  await one.addAgentRuntime(runtime);
  const task = someTaskOf(runtime);
  expect(await one.addAgentTask(task)).toEqual(task);
  expect(await other.findAgentTask(runtime.agentRuntimeId, task.taskId)).toEqual(task);
  const heard: unknown[] = [];
  other.subscribe((change) => heard.push(change));
  await one.revokeAgentRuntime(runtime.agentRuntimeId, Date.now(), { actor: 'test' });
  await vi.waitFor(() => expect(JSON.stringify(heard)).toContain(runtime.agentRuntimeId));
});

it.each(['transaction', 'statement'])('a store refuses PgBouncer in %s mode', async (mode) => {
  const { url } = await pooled(mode);
  await expect(openStore(url, { masterKey })).rejects.toMatchObject({
    code: 'store_not_ready',
    message: expect.stringContaining('pool_mode = session'),
  });
});

it('a store names the startup parameter that PgBouncer refuses', async () => {
  const { url } = await pooled('session', []);
  await expect(openStore(url, { masterKey })).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(
      /refuses the startup parameter \w+_timeout: add it to ignore_startup_parameters/,
    ),
  });
});
