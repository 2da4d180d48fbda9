import { randomUUID } from 'node:crypto';
import {
  type PostgresReplayStore,
  type PostgresReplayStoreOptions,
  postgresReplayStore,
} from 'agent-identity-verifier/postgres-replay-store';
import { Client, Pool } from 'pg';
import { deferred, manualClock, thrownBy } from 'test-support';
import { type PostgresServer, query, startPostgresServer } from 'test-support/postgres';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collectWarnings } from '../support/collect-warnings.js';
import { instanceHeaderOf, knownInstance, verifierForBoth } from '../support/known-instance.js';

/** For a busy machine. */
const patiently = { timeout: 30_000 };

let server: PostgresServer;
let url: string;
beforeAll(async () => {
  server = await startPostgresServer();
  url = await server.newDatabase();
});
afterAll(() => server.stop());

function connect(database: string = url): Pool {
  const pool = new Pool({ connectionString: database, max: 4 });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  return pool;
}

/** A store with a table of its own. */
async function newStore(options: Partial<PostgresReplayStoreOptions> = {}) {
  const table = `used_${randomUUID().replaceAll('-', '')}`;
  const { clock: monotonicClock, advance } = manualClock(0);
  const store = postgresReplayStore({ pool: connect(), table, ...options }, { monotonicClock });
  await store.createTable();
  const count = async () => Number((await query(url, `select count(*) from ${table}`))[0]?.['count']);
  return { store, table, advance, count };
}

describe('postgresReplayStore', () => {
  it('marks a key once, for its time', async () => {
    const { store, table } = await newStore();
    const key = randomUUID();
    expect(await store.markUsed(key, 60.5)).toBe(true);
    expect(await store.markUsed(key, 60.5)).toBe(false);
    expect(await store.markUsed(randomUUID(), 60)).toBe(true);
    const [row] = await query(
      url,
      `select extract(epoch from expires_at - now())::float as seconds from ${table} where key = $1`,
      [key],
    );
    expect(row?.['seconds']).toBeGreaterThan(0);
    expect(row?.['seconds']).toBeLessThanOrEqual(60.5);
  });

  it('lets exactly one of many concurrent calls of several nodes through', async () => {
    const { store, table } = await newStore({ timeoutSeconds: 60 });
    const other = postgresReplayStore({ pool: connect(), table, timeoutSeconds: 60 });
    const third = postgresReplayStore({ pool: connect(), table, timeoutSeconds: 60 });
    const stores: PostgresReplayStore[] = [store, other, third];
    const key = randomUUID();
    const calls = Array.from({ length: 300 }, (_, i) => stores[i % 3]?.markUsed(key, 60));
    expect((await Promise.all(calls)).filter((isFirst) => isFirst)).toHaveLength(1);
  });

  it('counts a key as used while the transaction of another node that marks it is open', async () => {
    const { store, table } = await newStore();
    const client = new Client({ connectionString: url });
    await client.connect();
    const mark = (key: string) =>
      client.query(`insert into ${table} values ($1, now() + interval '1 hour')`, [key]);
    const waiting = async () => (await query(url, 'select from pg_locks where not granted')).length;
    await client.query('begin');
    await mark('a');
    const blocked = store.markUsed('a', 60);
    await expect.poll(waiting, patiently).toBe(1);
    await client.query('commit');
    expect(await blocked).toBe(false);
    await client.query('begin');
    await mark('b');
    const undone = store.markUsed('b', 60);
    await expect.poll(waiting, patiently).toBe(1);
    await client.query('rollback');
    expect(await undone).toBe(true);
    await client.end();
  });

  it('creates its table on several nodes at once, in a schema too, and keeps an existing one', async () => {
    await query(url, 'create schema other');
    const create = () => postgresReplayStore({ pool: connect(), table: 'other.used' }).createTable();
    await Promise.all(Array.from({ length: 8 }, create));
    const store = postgresReplayStore({ pool: connect(), table: 'other.used' });
    await store.markUsed('a', 60);
    await create();
    expect(await store.markUsed('a', 60)).toBe(false);
  });

  it('works with only the rights that docs/verifier.md names', async () => {
    const { table, store } = await newStore();
    await query(url, 'create role limited login');
    await query(url, `grant select, insert, update, delete on ${table} to limited`);
    const limited = connect(url.replace('postgres@', 'limited@'));
    const { clock: monotonicClock, advance } = manualClock(0);
    const failures: unknown[] = [];
    const other = postgresReplayStore(
      { pool: limited, table, onCleanUpFailure: (error) => failures.push(error) },
      { monotonicClock },
    );
    await store.markUsed('expired', -1);
    advance(60);
    expect(await other.markUsed('a', 60)).toBe(true);
    await expect.poll(async () => (await query(url, `select key from ${table}`)).length, patiently).toBe(1);
    expect(failures).toEqual([]);
  });
});

describe('the clean-up', () => {
  it('deletes expired rows in batches, once a minute while the store is used', async () => {
    const { store, table, advance, count } = await newStore();
    await query(
      url,
      `insert into ${table} select 'old-' || i, now() - interval '1 second' from generate_series(1, 2500) as i`,
    );
    await store.markUsed('live', 60);
    advance(59.999);
    await store.markUsed('second', 60);
    expect(await count()).toBe(2502);
    advance(0.001);
    await store.markUsed('third', 60);
    await expect.poll(count, patiently).toBe(3);
    for (const key of ['live', 'second', 'third']) expect(await store.markUsed(key, 60)).toBe(false);
  });

  it('skips rows that another node is deleting', async () => {
    const { store, table, advance, count } = await newStore();
    await query(
      url,
      `insert into ${table} values ('a', now() - interval '1 s'), ('b', now() - interval '1 s')`,
    );
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('begin');
    await client.query(`select from ${table} where key = 'a' for update`);
    advance(60);
    await store.markUsed('live', 60);
    await expect.poll(count, patiently).toBe(2);
    await client.query('rollback');
    await client.end();
  });

  it('that fails fails no request, and is reported', async () => {
    const reported = deferred<unknown>();
    const pool = connect();
    const failing: PostgresReplayStoreOptions['pool'] = {
      query: (statement, parameters) =>
        statement.startsWith('delete') ? Promise.reject(new Error('no')) : pool.query(statement, parameters),
    };
    const onCleanUpFailure = (error: unknown) => reported.resolve(error);
    const { store, advance } = await newStore({ pool: failing, onCleanUpFailure });
    advance(60);
    expect(await store.markUsed('a', 60)).toBe(true);
    expect(await reported.promise).toMatchObject({ message: 'no' });
  });

  it('that fails is a process warning without onCleanUpFailure', async () => {
    const pool = {
      query: async (statement: string) => {
        if (statement.startsWith('delete')) throw Object.assign(new Error('a secret'), { code: '57014' });
        return { rowCount: 1 };
      },
    };
    const { clock: monotonicClock, advance } = manualClock(0);
    const store = postgresReplayStore({ pool }, { monotonicClock });
    const warnings = await collectWarnings(async () => {
      advance(60);
      await store.markUsed('a', 60);
    });
    expect(warnings).toEqual(['the clean-up of the replay store on Postgres failed: Error']);
  });
});

it('postgresReplayStore fails within its time limit while the server is away, and works again when it is back', async () => {
  const own = await startPostgresServer();
  onTestFinished(() => own.stop());
  const store = postgresReplayStore({ pool: connect(await own.newDatabase()), timeoutSeconds: 0.5 });
  await store.createTable();
  const instance = knownInstance();
  const verifier = verifierForBoth(instance, { replayStore: store, onFailure: () => {} });
  const verify = () => verifier.verify(instanceHeaderOf(instance), { accountId: 'account-1' });
  await verify();
  await own.pause();
  await expect(verify()).rejects.toMatchObject({ code: 'replay_store_unavailable', retryable: true });
  await own.resume();
  await own.crash();
  await expect(verify()).rejects.toMatchObject({ code: 'replay_store_unavailable', retryable: true });
  await own.start();
  await expect
    .poll(
      () =>
        verify().then(
          ({ generation }) => generation,
          () => 0,
        ),
      patiently,
    )
    .toBe(2);
});

it('postgresReplayStore without its table causes a 503', async () => {
  const replayStore = postgresReplayStore({ pool: connect(), table: 'none' });
  const instance = knownInstance();
  const verifier = verifierForBoth(instance, { replayStore, onFailure: () => {} });
  await expect(verifier.verify(instanceHeaderOf(instance), { accountId: 'account-1' })).rejects.toMatchObject(
    { code: 'replay_store_unavailable' },
  );
});

const pool = { query() {} };

it.each([
  ['no pool', {}, 'pool: expected a Pool of the package pg, got undefined'],
  ['a URL as pool', { pool: 'postgres://127.0.0.1' }, 'pool: expected a Pool'],
  ['another object as pool', { pool: {} }, 'an object without the method query'],
  ['an unknown option', { pool, tabel: 'a' }, 'did you mean "table"'],
  ['SQL as table', { pool, table: 'a; drop table b' }, 'table: expected a name'],
  ['a quoted name as table', { pool, table: '"Used"' }, 'table: expected a name'],
  ['three parts as table', { pool, table: 'a.b.c' }, 'table: expected a name'],
  ['a time limit of 0', { pool, timeoutSeconds: 0 }, 'timeoutSeconds: expected seconds'],
  ['a clean-up every 0 s', { pool, cleanUpSeconds: 0 }, 'cleanUpSeconds: expected seconds'],
  [
    'a listener of the wrong type',
    { pool, onCleanUpFailure: 'log' },
    'onCleanUpFailure: expected a function',
  ],
])('postgresReplayStore refuses %s', (_what, options, message) => {
  expect(thrownBy(() => postgresReplayStore(options as never))).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(message),
  });
});

it('postgresReplayStore rejects results without a row count', async () => {
  for (const rowCount of [null, undefined, 2, true]) {
    const store = postgresReplayStore({ pool: { query: async () => ({ rowCount }) as never } });
    await expect(store.markUsed('a', 1)).rejects.toMatchObject({ code: 'invalid_argument' });
  }
});
