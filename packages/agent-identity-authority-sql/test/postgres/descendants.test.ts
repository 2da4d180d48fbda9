import { someRuntime } from 'test-support';
import { query, startPostgresServer } from 'test-support/postgres';
import { expect, it, onTestFinished } from 'vitest';
import { openedStore } from '../support/store-kinds.js';

it('2,000 descendants, twice as many as may live at a time, are suspended, resumed and revoked with their root', async () => {
  const server = await startPostgresServer();
  onTestFinished(() => server.stop());
  const url = await server.newDatabase();
  const store = await openedStore(url);
  const root = await store.addAgentRuntime({ ...someRuntime(), expiresAt: null });
  const rows = 'agent_identity.agent_runtimes';
  const columns = (
    await query(
      url,
      `select column_name as name from information_schema.columns where table_name = 'agent_runtimes'`,
    )
  ).map(({ name }) => String(name));
  const values: Record<string, string> = {
    agent_runtime_id: "'child-' || n",
    public_key_ssh: "'key-' || n",
    lineage: `'["${root.agentRuntimeId}"]'`,
    parent_agent_runtime_id: `'${root.agentRuntimeId}'`,
  };
  await query(
    url,
    `insert into ${rows} (${columns.join(', ')})
      select ${columns.map((name) => values[name] ?? `root.${name}`).join(', ')}
      from ${rows} as root, generate_series(1, 2000) as n`,
  );
  const active = async () =>
    Number(
      (
        await query(url, `select count(*) from ${rows} where suspended_at is null and revoked_at is null`)
      )[0]?.['count'],
    );
  expect(await active()).toBe(2001);
  await store.suspendAgentRuntime(root.agentRuntimeId, 5000);
  expect(await active()).toBe(0);
  await store.resumeAgentRuntime(root.agentRuntimeId, 6000);
  expect(await active()).toBe(2001);
  await store.revokeAgentRuntime(root.agentRuntimeId, 7000);
  expect(await active()).toBe(0);
});
