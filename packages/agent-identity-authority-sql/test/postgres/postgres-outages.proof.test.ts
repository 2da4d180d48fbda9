import type { StoreChange } from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import { generateAgentKey, signTaskRegistration } from 'agent-identity-core';
import { Client } from 'pg';
import { someRuntime, someTaskOf } from 'test-support';
import { type PostgresServer, query, startPostgresServer } from 'test-support/postgres';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { verified } from '../support/audit-log.js';
import { authorityOverStore, now } from '../support/authority-over-store.js';
import { masterKey, openedStore } from '../support/store-kinds.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgresServer();
  return () => server.stop();
});

const shortly = { timeoutSeconds: 1 };

describe('a server that goes down', () => {
  /** An authority on its own database, and the statuses of its routes. */
  async function authorityOnServer() {
    const failures: unknown[] = [];
    const store = await openedStore(await server.newDatabase(), shortly);
    const started = await authorityOverStore(store, (failure) => failures.push(failure));
    const agentKey = generateAgentKey();
    const id: string = (await started.register(agentKey)).body.agent_runtime_id;
    const registration = signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock: () => now });
    const { body } = await started.registerTask(id, registration);
    const statuses = async () => {
      const answers = await Promise.all([
        started.register(),
        started.register(agentKey),
        started.registerTask(id, registration),
        started.registerTask('agent-of-nobody', registration),
        started.get('/agent-identities/jwks'),
      ]);
      return answers.map(({ status }) => status);
    };
    return { ...started, id, taskId: body.task_id, store, failures, statuses };
  }

  const answered = [200, 200, 200, 400, 200];
  const unavailable = [503, 503, 503, 503, 503];

  it('causes 503 on every route while it is paused, and works again afterwards', async () => {
    const { statuses, authority, id, taskId, failures } = await authorityOnServer();
    expect(await statuses()).toEqual(answered);
    await server.pause();
    try {
      expect(await statuses()).toEqual(unavailable);
      expect(await statuses()).toEqual(unavailable);
      await expect(authority.directory.findAgentTask(id, taskId)).rejects.toMatchObject({
        code: 'store_unavailable',
        retryable: true,
      });
    } finally {
      await server.resume();
    }
    await vi.waitFor(async () => expect(await statuses()).toEqual(answered), {
      timeout: 20_000,
      interval: 200,
    });
    expect(await authority.directory.findAgentTask(id, taskId)).toMatchObject({ status: 'active' });
    expect(failures.length).toBeGreaterThanOrEqual(11);
  });

  it('causes 503 on every route after a crash until it is back', async () => {
    const { statuses, authority, id, taskId } = await authorityOnServer();
    await server.crash();
    try {
      expect(await statuses()).toEqual(unavailable);
    } finally {
      await server.start();
    }
    await vi.waitFor(async () => expect(await statuses()).toEqual(answered), {
      timeout: 20_000,
      interval: 200,
    });
    expect(await authority.directory.findAgentTask(id, taskId)).toMatchObject({ status: 'active' });
  });

  it('does not prevent a store from closing while it is paused', async () => {
    const store = await openStore(await server.newDatabase(), { masterKey, ...shortly });
    await store.ping();
    await server.pause();
    try {
      await store.close();
    } finally {
      await server.resume();
    }
    await expect(store.ping()).rejects.toThrow();
  });

  it('prevents a store from opening while it is paused', async () => {
    const url = await server.newDatabase();
    await server.pause();
    try {
      await expect(openStore(url, { masterKey, ...shortly })).rejects.toMatchObject({
        code: 'store_unavailable',
      });
    } finally {
      await server.resume();
    }
  });
});

describe('a call', () => {
  it('waits for its turn if there are more callers than connections', async () => {
    const store = await openedStore(await server.newDatabase(), { maxConnections: 2 });
    const runtimes = Array.from({ length: 60 }, someRuntime);
    await Promise.all(runtimes.map((runtime) => store.addAgentRuntime(runtime)));
    expect(await verified(store)).toMatchObject({ intact: true, entries: 60 });
  });

  it('fails in time at a foreign lock, changes nothing, and leaves its connection usable', async () => {
    const url = await server.newDatabase();
    const store = await openedStore(url, { ...shortly, maxConnections: 1 });
    const runtime = someRuntime();
    const client = new Client({ connectionString: url });
    await client.connect();
    onTestFinished(() => client.end());
    await client.query('begin');
    await client.query('lock table agent_identity.audit_pending in share mode');
    await expect(store.addAgentRuntime(runtime)).rejects.toThrow();
    await client.query('rollback');
    await vi.waitFor(async () =>
      expect(await store.findAgentRuntime(runtime.agentRuntimeId)).toBeUndefined(),
    );
    expect(await store.addAgentRuntime(runtime)).toEqual(runtime);
    expect(await verified(store)).toMatchObject({ intact: true, entries: 1 });
  });

  it('is acknowledged when it is on disk, even if the server is configured not to wait', async () => {
    const url = await server.newDatabase();
    await query(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
    const store = await openedStore(url);
    await query(url, 'create table seen (setting text)');
    await query(
      url,
      `create function see() returns trigger language plpgsql as $$
        begin insert into public.seen values (current_setting('synchronous_commit')); return new; end $$`,
    );
    await query(
      url,
      'create trigger see before insert on agent_identity.audit_pending for each row execute function see()',
    );
    await store.addAgentRuntime(someRuntime());
    expect(await query(url, 'select * from seen')).toEqual([{ setting: 'on' }]);
  });

  it('fails without revealing its parameters', async () => {
    const url = await server.newDatabase();
    const store = await openedStore(url);
    await query(url, 'drop table agent_identity.signing_keys');
    const key = { kty: 'RSA', n: 'n', e: 'e' } as const;
    const error = await store
      .addFirstSigningKey({
        kid: 'kid-1',
        publicJwk: key,
        privateKey: 'hunter2',
        createdAt: 1,
        activeFrom: 1,
        publishedUntil: null,
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '42P01' });
    expect(error).not.toHaveProperty('params');
  });
});

describe.each(['repeatable read', 'serializable'])(
  'a server whose transactions are %s by default',
  (isolation) => {
    it('refuses some conflicting transactions, which are then repeated', async () => {
      const url = await server.newDatabase();
      await query(
        url,
        `alter database ${new URL(url).pathname.slice(1)} set default_transaction_isolation = '${isolation}'`,
      );
      const stores = [await openedStore(url), await openedStore(url)] as const;
      const runtimes = Array.from({ length: 12 }, someRuntime);
      await Promise.all(
        runtimes.flatMap((runtime) => stores.map(async (store) => store.addAgentRuntime(runtime))),
      );
      const [store] = stores;
      const task = someTaskOf(runtimes[0] ?? expect.fail());
      const added = await Promise.all(
        stores.map((one) => one.addAgentTask({ ...task, taskId: someTaskOf(someRuntime()).taskId })),
      );
      expect(new Set(added.map((one) => one?.taskId)).size).toBe(1);
      expect(await verified(store)).toMatchObject({ intact: true, entries: 13 });
    });

    it('leaves no child active whose parent is revoked at the same time', async () => {
      const url = await server.newDatabase();
      await query(
        url,
        `alter database ${new URL(url).pathname.slice(1)} set default_transaction_isolation = '${isolation}'`,
      );
      const [one, other] = [await openedStore(url), await openedStore(url)];
      for (let round = 0; round < 100; round += 1) {
        const parent = await one.addAgentRuntime(someRuntime());
        const child = { ...someRuntime(), lineage: [parent.agentRuntimeId] };
        const [added] = await Promise.all([
          one.addChildAgentRuntime(child),
          other.revokeAgentRuntime(parent.agentRuntimeId, 5000),
        ]);
        if (added === undefined) continue;
        expect(await one.findAgentRuntime(child.agentRuntimeId)).toMatchObject({ revokedAt: 5000 });
      }
    });
  },
);

describe('a node', () => {
  /** Two stores on one database, and the notifications of the second. */
  async function twoNodes() {
    const url = await server.newDatabase();
    const one = await openedStore(url);
    const other = await openedStore(url);
    const heard: StoreChange[] = [];
    onTestFinished(other.subscribe((change) => heard.push(change)));
    const hears = (change: StoreChange) =>
      vi.waitFor(() => expect(heard).toContainEqual(change), { timeout: 20_000 });
    return { url, one, other, heard, hears };
  }

  it('receives the revocations and rotations of another node', async () => {
    const { one, hears } = await twoNodes();
    const runtime = someRuntime();
    const task = someTaskOf(runtime);
    const { agentRuntimeId } = runtime;
    await one.addAgentRuntime(runtime);
    await one.addAgentTask(task);
    await one.revokeAgentTask(agentRuntimeId, task.taskId, 3000);
    await hears({ kind: 'agent_task_revoked', agentRuntimeId, taskId: task.taskId });
    await one.revokeAgentRuntime(agentRuntimeId, 3000);
    await hears({ kind: 'agent_runtime_changed', agentRuntimeId });
  });

  it('learns that notifications may be lost after its connection was lost, and receives new ones', async () => {
    const { url, one, hears } = await twoNodes();
    const ended = await query(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query like any (array['listen%', 'select 1']) and pid <> pg_backend_pid()`,
    );
    expect(ended.length).toBeGreaterThanOrEqual(2);
    await hears({ kind: 'anything_may_have_changed' });
    const runtime = someRuntime();
    await one.addAgentRuntime(runtime);
    await one.revokeAgentRuntime(runtime.agentRuntimeId, 3000);
    await hears({ kind: 'agent_runtime_changed', agentRuntimeId: runtime.agentRuntimeId });
  });

  it.each(['{"kind":"something_new"}', 'no JSON', ''])(
    'treats an unknown notification as any possible change: %s',
    async (payload) => {
      const { url, hears } = await twoNodes();
      await query(url, "select pg_notify('agent_identity', $1)", [payload]);
      await hears({ kind: 'anything_may_have_changed' });
    },
  );

  it('receives nothing about a revocation that was rolled back', async () => {
    const { url, one, heard, hears } = await twoNodes();
    const runtime = someRuntime();
    await one.addAgentRuntime(runtime);
    await query(url, 'alter table agent_identity.audit_pending add check (at <> 3000)');
    await expect(one.revokeAgentRuntime(runtime.agentRuntimeId, 3000)).rejects.toMatchObject({
      code: '23514',
    });
    expect(await one.findAgentRuntime(runtime.agentRuntimeId)).toEqual(runtime);
    await one.revokeAgentRuntime(runtime.agentRuntimeId, 4000);
    await hears({ kind: 'agent_runtime_changed', agentRuntimeId: runtime.agentRuntimeId });
    expect(heard).toHaveLength(1);
  });
});
