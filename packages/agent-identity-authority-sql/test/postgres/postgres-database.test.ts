import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { openStore } from 'agent-identity-authority-sql';
import { Client } from 'pg';
import { someInstance, someRuntime, someTaskOf } from 'test-support';
import { type PostgresServer, query, startPostgresServer } from 'test-support/postgres';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verified } from '../support/audit-log.js';
import { masterKey, openedStore } from '../support/store-kinds.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgresServer();
  return () => server.stop();
});

/** A store with a runtime and its task, and another connection that holds a lock until the test is over. */
async function storeBesideLock(statement: string) {
  const url = await server.newDatabase();
  const store = await openedStore(url, { maxConnections: 2, maxReadConnections: 2 });
  const runtime = someRuntime();
  const task = someTaskOf(runtime);
  await store.addAgentRuntime(runtime);
  await store.addAgentTask(task);
  const other = new Client({ connectionString: url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('begin');
  await other.query(statement);
  return { store, runtime, task, other };
}

describe('while another connection holds a lock', () => {
  it('lookups are answered although more changes wait than there are connections', async () => {
    const { store, runtime, task, other } = await storeBesideLock(
      'lock table agent_identity.audit_pending in share mode',
    );
    let settled = 0;
    const changes = Array.from({ length: 10 }, async () => {
      await store.addAgentRuntime(someRuntime());
      settled += 1;
    });
    for (let i = 0; i < 20; i++) {
      expect(await store.findAgentRuntime(runtime.agentRuntimeId)).toEqual(runtime);
      expect(await store.findAgentTask(task.agentRuntimeId, task.taskId)).toEqual(task);
      expect(await store.listSigningKeys()).toEqual([]);
      await store.ping();
    }
    expect(settled).toBe(0);
    await other.query('rollback');
    await Promise.all(changes);
    expect(await verified(store)).toMatchObject({ intact: true, entries: 12 });
  });

  it('lookups of a task are answered although its time cannot be recorded', async () => {
    const { store, task, other } = await storeBesideLock(
      'select * from agent_identity.agent_tasks for update',
    );
    const { agentRuntimeId, taskId } = task;
    const touches = Array.from({ length: 10 }, () => store.touchAgentTask(agentRuntimeId, taskId, 9_000_000));
    for (let i = 0; i < 20; i++) expect(await store.findAgentTask(agentRuntimeId, taskId)).toEqual(task);
    await other.query('rollback');
    await Promise.all(touches);
    expect(await store.findAgentTask(agentRuntimeId, taskId)).toMatchObject({ lastSeenAt: 9_000_000 });
  });
});

it('lookups of an instance are answered while a lock prevents recording its time', async () => {
  const { store, other } = await storeBesideLock('select 1');
  const instance = someInstance();
  await store.addRuntimeAgentInstance(instance);
  await other.query('select * from agent_identity.runtime_agent_instances for update');
  const id = instance.runtimeAgentInstanceId;
  const touches = Array.from({ length: 10 }, () => store.touchRuntimeAgentInstance(id, 9_000_000_000_000));
  for (let i = 0; i < 20; i++) expect(await store.findRuntimeAgentInstance(id)).toEqual(instance);
  await other.query('rollback');
  await Promise.all(touches);
});

it('two nodes that rotate the same signing key at once create one key', async () => {
  const url = await server.newDatabase();
  const nodes = [await openedStore(url), await openedStore(url)] as const;
  const key = (kid: string) => ({
    kid,
    publicJwk: { kty: 'RSA', n: `n-of-${kid}`, e: 'AQAB' } as const,
    privateKey: 'a private key',
    createdAt: 1000,
    activeFrom: 1000,
    publishedUntil: null,
  });
  await nodes[0].addFirstSigningKey(key('first'));
  const kids = await Promise.all(
    nodes.map((node, i) => node.rotateSigningKey(key(`next-${i}`), 9000, undefined, 'first')),
  );
  expect(kids[0]).toBe(kids[1]);
  const listed = await nodes[1].listSigningKeys();
  expect(listed.map(({ kid }) => kid)).toEqual(['first', kids[0]]);
});

it('a store opens by a Unix socket', async () => {
  const url = new URL(await server.newDatabase());
  const [{ folder } = {}] = await query(
    url.href,
    "select current_setting('unix_socket_directories') as folder",
  );
  for (const authority of ['', 'postgres@']) {
    const store = await openedStore(
      `postgresql://${authority}${url.pathname}?host=${folder}&port=${url.port}&user=postgres`,
    );
    await store.ping();
  }
});

describe('a server that refuses is named, with the database and words, and without the password', () => {
  it.each([
    ['3D000', 'postgres', 'the database nowhere at 127.0.0.1:', 'there is no such database (3D000)'],
    ['28000', 'nobody', 'at 127.0.0.1:', 'the server refuses the user or the password (28000)'],
  ])('%s', async (_code, user, where, reason) => {
    const url = new URL(await server.newDatabase());
    url.username = user;
    url.password = 'hunter2';
    if (user === 'postgres') url.pathname = '/nowhere';
    const error = await openStore(url.href, { masterKey }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining(where) });
    expect(error).toMatchObject({ message: expect.stringContaining(reason) });
    expect(inspect(error)).not.toContain('hunter2');
  });

  it('a pooler that does not know statement_timeout', async () => {
    const message = 'unsupported startup parameter: statement_timeout';
    const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`);
    const header = Buffer.from('E\0\0\0\0');
    header.writeInt32BE(fields.length + 4, 1);
    const pooler = createServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([header, fields])));
    });
    pooler.listen(0, '127.0.0.1');
    await once(pooler, 'listening');
    onTestFinished(() => void pooler.close());
    const { port } = pooler.address() as AddressInfo;
    await expect(openStore(`postgres://127.0.0.1:${port}/agents`, { masterKey })).rejects.toMatchObject({
      message: expect.stringMatching(
        /refuses the startup parameter statement_timeout.*ignore_startup_parameters/,
      ),
    });
  });
});
