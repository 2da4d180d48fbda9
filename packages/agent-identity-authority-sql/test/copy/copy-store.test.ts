import { type CopyStoreOptions, copyStore, openStore } from 'agent-identity-authority-sql';
import { someInstance, someRuntime, someTaskOf } from 'test-support';
import { beforeAll, expect, it } from 'vitest';
import { sequence, verified } from '../support/audit-log.js';
import { hasDatabase, inDatabase } from '../support/raw-database.js';
import { masterKey, openedStore, storeKinds } from '../support/store-kinds.js';

const [pglite, postgres] = storeKinds().filter(hasDatabase) as [Kind, Kind];
type Kind = ReturnType<typeof storeKinds>[number];

const key = {
  publicJwk: { kty: 'RSA', n: 'n', e: 'AQAB' },
  privateKey: 'a secret',
  createdAt: 1000,
  activeFrom: 1000,
  publishedUntil: null,
} as const;

/** A store with rows in every table, and with more than one batch of some. */
async function filledStore(kind: Kind): Promise<string> {
  const url = await kind.newUrl();
  const store = await openStore(url, { masterKey });
  const runtimes = Array.from({ length: 210 }, (_, i) => ({
    ...someRuntime(),
    createdAt: i,
    expiresAt: i % 2 === 0 ? null : 8_640_000_000_000_000,
    abom: i === 0 ? null : { agent_version: '\0', agent_harness_id: '\ud800', running_location: "'; --" },
  }));
  for (const runtime of runtimes) await store.addAgentRuntime(runtime);
  for (const runtime of runtimes.slice(0, 3)) {
    const task = someTaskOf(runtime);
    await store.addAgentTask(task);
    await store.revokeAgentTask(task.agentRuntimeId, task.taskId, 5000);
    await store.addAgentTask({ ...task, taskId: `${task.taskId}-2` });
  }
  await store.revokeAgentRuntime(runtimes[0]?.agentRuntimeId ?? '', 6000);
  const actor = { kind: 'platform', userId: 'user-1', organizationId: 'org-1', projectId: null } as const;
  await store.addRuntimeAgentInstance(someInstance());
  await store.addRuntimeAgentInstance({ ...someInstance(), actor });
  await store.changeRuntimeAgentInstances({ userId: 'user-1' }, 'suspend', 7000);
  await store.rotateSigningKey({ ...key, kid: 'kid-1' }, 9000);
  await store.rotateSigningKey({ ...key, kid: 'kid-2' }, 9000);
  await sequence(store);
  await store.close();
  return url;
}

async function contentsOf(url: string) {
  const store = await openStore(url, { masterKey });
  const runtimes = (await store.listAgentRuntimes({ limit: 1000 })).items;
  const contents = {
    runtimes,
    tasks: await Promise.all(runtimes.map((one) => store.listAgentTasks(one.agentRuntimeId))),
    instances: (await store.listRuntimeAgentInstances()).items,
    signingKeys: await store.listSigningKeys(),
    audit: (await store.listAuditEntries({ limit: 1000 })).items,
    report: await verified(store),
  };
  await store.close();
  return contents;
}

let from: string;
let filledServer: string;
beforeAll(async () => {
  filledServer = await filledStore(postgres);
  // Filling PGlite row by row would take several times as long.
  from = await pglite.newUrl();
  await copyStore({ from: filledServer, to: from, masterKey });
});

it('copyStore copies everything from a PGlite folder to a server, and the copy works on its own', async () => {
  const to = await postgres.newUrl();
  const checkpoint = await copyStore({ from, to, masterKey });
  const original = await contentsOf(from);
  expect(original.runtimes).toHaveLength(210);
  expect(original.instances).toHaveLength(2);
  expect(checkpoint?.note).toBe(original.report.checkpoint);
  expect(await contentsOf(to)).toEqual(original);
  const store = await openedStore(to);
  await store.addAgentRuntime(someRuntime());
  await store.rotateSigningKey({ ...key, kid: 'kid-3' }, 9000);
  expect(await verified(store, checkpoint?.note)).toMatchObject({
    intact: true,
    entries: (checkpoint?.size ?? 0) + 2,
  });
});

it('copyStore copies everything from a server into a PGlite folder', async () => {
  expect(await contentsOf(from)).toEqual(await contentsOf(filledServer));
});

it('copyStore refuses an unknown option, and names the nearest one', async () => {
  const options = { from, to: 'pglite:DIR', masterKeys: masterKey } as unknown as CopyStoreOptions;
  await expect(copyStore(options)).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('did you mean "masterKey"?'),
  });
});

it('copyStore can be repeated after an interruption', async () => {
  const to = await postgres.newUrl();
  await copyStore({ from, to, masterKey });
  const original = await contentsOf(from);
  await inDatabase(to, [
    'update agent_identity.audit_checkpoint set size = 0',
    'delete from agent_identity.audit_log where log_index > 100',
    'delete from agent_identity.agent_tasks',
  ]);
  await copyStore({ from, to, masterKey });
  expect(await contentsOf(to)).toEqual(original);
});

it('copyStore does not write into a used store', async () => {
  const to = await postgres.copyOf(filledServer);
  const before = await contentsOf(to);
  await expect(copyStore({ from, to, masterKey })).rejects.toMatchObject({ code: 'store_not_ready' });
  expect(await contentsOf(to)).toEqual(before);
});

it('copyStore refuses an original with a broken audit log', async () => {
  const broken = await postgres.copyOf(filledServer);
  await inDatabase(broken, ['delete from agent_identity.audit_log where log_index = 7']);
  const to = await postgres.newUrl();
  await expect(copyStore({ from: broken, to, masterKey })).rejects.toMatchObject({
    code: 'store_not_ready',
    message: expect.stringContaining('audit log'),
  });
});

it('copyStore leaves the target unused if it fails', async () => {
  const to = await postgres.newUrl();
  await expect(copyStore({ from, to, masterKey: new Uint8Array(32) })).rejects.toThrow();
  expect(await inDatabase(to, ['select size::int from agent_identity.audit_checkpoint'])).toEqual([
    { size: 0 },
  ]);
  expect(await inDatabase(to, ['select * from agent_identity.agent_runtimes'])).toEqual([]);
});

it('copyStore refuses stores that it cannot open, and memory stores', async () => {
  const to = await postgres.newUrl();
  await expect(copyStore({ from, to, masterKey: new Uint8Array(32) })).rejects.toMatchObject({
    code: 'wrong_master_key',
  });
  await expect(copyStore({ from: 'memory:', to, masterKey })).rejects.toMatchObject({
    code: 'unsupported_store_url',
  });
  await expect(copyStore({ from, to: 'memory:', masterKey })).rejects.toMatchObject({
    code: 'unsupported_store_url',
  });
  await expect(copyStore({ from, to })).rejects.toMatchObject({ code: 'master_key_required' });
});
