import { openStore } from 'agent-identity-authority-sql';
import { someInstance, someRuntime, someTaskOf } from 'test-support';
import { type PostgresServer, query, startPostgresServer } from 'test-support/postgres';
import { beforeAll, describe, expect, it } from 'vitest';
import { verified } from '../support/audit-log.js';
import { hasDatabase, inDatabase } from '../support/raw-database.js';
import { masterKey, openedStore, storeKinds } from '../support/store-kinds.js';

describe.each(storeKinds().filter(hasDatabase))('the schema of $name', (kind) => {
  it('is created by the first start and left alone by the next', async () => {
    const url = await kind.newUrl();
    const runtime = someRuntime();
    const first = await openStore(url, { masterKey }, { clock: () => 7000 });
    await first.addAgentRuntime(runtime);
    await first.close();
    const second = await openStore(url, { masterKey }, { clock: () => 8000 });
    expect(await second.findAgentRuntime(runtime.agentRuntimeId)).toEqual(runtime);
    await second.close();
    const rows = await inDatabase(url, ['select version::int from agent_identity.schema_migrations']);
    expect(rows).toEqual([{ version: 1 }]);
  });

  it('is not created if the caller expects a store', async () => {
    const url = kind.name === 'postgres://' ? await kind.newUrl() : `${await kind.newUrl()}-missing`;
    await expect(openStore(url, { masterKey, ifMissing: 'refuse' })).rejects.toMatchObject({
      code: 'store_not_ready',
    });
    await (await openStore(url, { masterKey })).close();
    await (await openStore(url, { masterKey, ifMissing: 'refuse' })).close();
  });

  it('is completed if a part of it is there', async () => {
    const url = await kind.newUrl();
    await (await openStore(url, { masterKey })).close();
    await inDatabase(url, [
      'drop table agent_identity.runtime_agent_instances',
      'delete from agent_identity.schema_migrations',
    ]);
    const store = await openedStore(url);
    const instance = someInstance();
    await store.addRuntimeAgentInstance(instance);
    expect(await store.findRuntimeAgentInstance(instance.runtimeAgentInstanceId)).toEqual(instance);
  });

  it('is not touched if a later release made it', async () => {
    const url = await kind.newUrl();
    await (await openStore(url, { masterKey })).close();
    await inDatabase(url, ['insert into agent_identity.schema_migrations values (99, 0)']);
    await expect(openStore(url, { masterKey })).rejects.toMatchObject({
      code: 'store_not_ready',
      message: expect.stringContaining('version 99'),
    });
  });
});

describe('a Postgres server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer();
    return () => server.stop();
  });

  it('is migrated once by nodes that start at the same time', async () => {
    const url = await server.newDatabase();
    const stores = await Promise.all(Array.from({ length: 8 }, () => openedStore(url)));
    const runtimes = stores.map(() => someRuntime());
    await Promise.all(stores.map((store, i) => store.addAgentRuntime(runtimes[i] ?? expect.fail())));
    expect(await verified(stores[0] ?? expect.fail())).toMatchObject({ intact: true, entries: 8 });
    expect(await query(url, 'select version::int from agent_identity.schema_migrations')).toEqual([
      { version: 1 },
    ]);
  });

  it('works without advisory locks and notifications, like some distributed databases', async () => {
    const url = await server.newDatabase();
    await withoutFunctions(url, ['pg_advisory_lock(integer)', 'pg_notify(text, text)']);
    await expect(query(url, 'select pg_advisory_lock(1)')).rejects.toMatchObject({ code: '0A000' });
    const stores = await Promise.all(Array.from({ length: 8 }, () => openedStore(url)));
    const [one, other] = stores;
    const runtime = someRuntime();
    await one?.addAgentRuntime(runtime);
    expect(await one?.revokeAgentRuntime(runtime.agentRuntimeId, 3000)).toBe(true);
    expect(await other?.findAgentRuntime(runtime.agentRuntimeId)).toMatchObject({ revokedAt: 3000 });
  });

  it('keeps nothing of a failed migration', async () => {
    const url = await server.newDatabase();
    await query(url, 'create schema agent_identity');
    await query(url, 'create table agent_identity.audit_log (unrelated int)');
    await expect(openStore(url, { masterKey })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(
      await query(url, "select tablename from pg_tables where schemaname = 'agent_identity' order by 1"),
    ).toEqual([{ tablename: 'audit_log' }, { tablename: 'schema_migrations' }]);
    await query(url, 'drop table agent_identity.audit_log');
    await openedStore(url);
  });

  it('can allow the authority only to append to the audit log, and not to change the schema', async () => {
    const url = await server.newDatabase();
    await query(url, 'create role authority login');
    const asAuthority = url.replace('postgres@', 'authority@');
    await expect(openStore(asAuthority, { masterKey })).rejects.toMatchObject({ code: 'store_not_ready' });
    await (await openStore(url, { masterKey })).close();
    for (const statement of leastRights) await query(url, statement);
    const store = await openedStore(asAuthority);
    const runtime = someRuntime();
    const task = someTaskOf(runtime);
    await store.addAgentRuntime(runtime);
    await store.addAgentTask(task);
    await store.touchAgentTask(task.agentRuntimeId, task.taskId, 9000);
    await store.revokeAgentTask(task.agentRuntimeId, task.taskId, 9000);
    await store.revokeAgentRuntime(runtime.agentRuntimeId, 9000);
    const instance = someInstance();
    const { runtimeAgentInstanceId } = instance;
    await store.addRuntimeAgentInstance(instance);
    await store.touchRuntimeAgentInstance(runtimeAgentInstanceId, 9000);
    await store.changeRuntimeAgentInstances({ runtimeAgentInstanceId }, 'revoke', 9000);
    const key = {
      publicJwk: { kty: 'RSA', n: 'n', e: 'e' },
      privateKey: 'p',
      createdAt: 1,
      activeFrom: 1,
      publishedUntil: null,
    } as const;
    await store.addFirstSigningKey({ ...key, kid: 'kid-1' });
    await store.rotateSigningKey({ ...key, kid: 'kid-2' }, 9000);
    expect(await store.retireSigningKey('kid-1', 8000, 7000)).toBe('retired');
    expect(await store.removeEndedTasks({ revokedBefore: 1 })).toEqual({ removed: 0, nextCursor: null });
    expect(await store.removeEndedInstances({ revokedBefore: 1 })).toEqual({ removed: 0, nextCursor: null });
    expect(await store.countRows()).toMatchObject({ waitingAuditEntries: 9 });
    expect(await verified(store)).toMatchObject({ intact: true, entries: 9 });
    for (const statement of [
      'update agent_identity.audit_log set log_index = 0',
      'delete from agent_identity.audit_log',
      'truncate agent_identity.audit_log',
      'delete from agent_identity.agent_runtimes',
      'drop table agent_identity.audit_log',
    ]) {
      await expect(query(asAuthority, statement)).rejects.toMatchObject({ code: '42501' });
    }
  });
});

/** From docs/operations.md. */
const leastRights = [
  'grant usage on schema agent_identity to authority',
  'grant select on all tables in schema agent_identity to authority',
  'grant insert on agent_identity.agent_runtimes, agent_identity.agent_tasks, agent_identity.runtime_agent_instances, agent_identity.signing_keys, agent_identity.audit_log_keys, agent_identity.audit_pending, agent_identity.audit_log, agent_identity.audit_tiles to authority',
  'grant update on agent_identity.agent_runtimes, agent_identity.agent_tasks, agent_identity.runtime_agent_instances, agent_identity.signing_keys, agent_identity.signing_key_lock, agent_identity.audit_log_keys, agent_identity.audit_tiles, agent_identity.audit_checkpoint to authority',
  'grant delete on agent_identity.agent_tasks, agent_identity.runtime_agent_instances, agent_identity.audit_pending to authority',
];

/** Shadows functions of the server with ones that fail as unsupported. */
async function withoutFunctions(url: string, signatures: readonly string[]): Promise<void> {
  const database = new URL(url).pathname.slice(1);
  await query(url, 'create schema missing');
  for (const signature of signatures) {
    await query(
      url,
      `create function missing.${signature} returns void language plpgsql as $$
        begin raise exception 'not supported' using errcode = '0A000'; end $$`,
    );
  }
  await query(url, `alter database ${database} set search_path = missing, pg_catalog, public`);
}
