import { randomUUID } from 'node:crypto';
import { type RedisReplayStoreOptions, redisReplayStore } from 'agent-identity-verifier/redis-replay-store';
import { Redis as Ioredis6, Cluster as IoredisCluster } from 'ioredis';
import { Redis as Ioredis5 } from 'ioredis-5';
import { createClient as createClient6, createCluster as createCluster6 } from 'redis';
import { createClient as createClient4 } from 'redis-4';
import { thrownBy } from 'test-support';
import { type RedisServer, startRedisServer } from 'test-support/redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collectWarnings } from '../support/collect-warnings.js';
import { instanceHeaderOf, knownInstance, verifierForBoth } from '../support/known-instance.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.stop());

/** For a busy machine. */
const patiently = { timeout: 30_000 };

type Client = RedisReplayStoreOptions['client'];

/** Connects a client that is closed when the test is over. */
const connect: Readonly<Record<string, (url: string) => Promise<Client>>> = {
  async 'redis 6'(url) {
    const client = createClient6({ url }).on('error', () => {});
    onTestFinished(() => client.destroy());
    return client.connect();
  },
  async 'redis 4'(url) {
    const client = createClient4({ url }).on('error', () => {});
    onTestFinished(() => client.disconnect());
    return client.connect();
  },
  async 'ioredis 6'(url) {
    const client = new Ioredis6(url).on('error', () => {});
    onTestFinished(() => client.disconnect());
    return client;
  },
  async 'ioredis 5'(url) {
    const client = new Ioredis5(url).on('error', () => {});
    onTestFinished(() => client.disconnect());
    return client;
  },
};

/** Reads the remaining milliseconds of a key. */
async function remainingOf(key: string): Promise<number> {
  const client = createClient6({ url: server.url });
  await client.connect();
  const remaining = await client.pTTL(key);
  client.destroy();
  return remaining;
}

describe.each(Object.entries(connect))('redisReplayStore with %s', (_name, connectTo) => {
  it('marks a key once, for its time', async () => {
    const store = redisReplayStore({ client: await connectTo(server.url) });
    const key = randomUUID();
    expect(await store.markUsed(key, 60.0001)).toBe(true);
    expect(await store.markUsed(key, 60)).toBe(false);
    expect(await store.markUsed(randomUUID(), 60)).toBe(true);
    const remaining = await remainingOf(`agent-assertion:${key}`);
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(60_001);
  });

  it('lets exactly one of many concurrent calls of several nodes through', async () => {
    const stores = await Promise.all(
      [1, 2, 3].map(async () =>
        redisReplayStore({ client: await connectTo(server.url), timeoutSeconds: 60 }),
      ),
    );
    const key = randomUUID();
    const calls = Array.from({ length: 300 }, (_, i) => stores[i % 3]?.markUsed(key, 60));
    expect((await Promise.all(calls)).filter((isFirst) => isFirst)).toHaveLength(1);
  });

  it('separates services by keyPrefix', async () => {
    const client = await connectTo(server.url);
    const key = randomUUID();
    for (const keyPrefix of ['one:', 'two:']) {
      expect(await redisReplayStore({ client, keyPrefix }).markUsed(key, 60)).toBe(true);
    }
  });

  it('fails within its time limit while the server is down, and works again when it is back', async () => {
    const own = await startRedisServer();
    onTestFinished(() => own.stop());
    const store = redisReplayStore({ client: await connectTo(own.url), timeoutSeconds: 0.2 });
    const instance = knownInstance();
    const verifier = verifierForBoth(instance, { replayStore: store, onFailure: () => {} });
    const verify = () => verifier.verify(instanceHeaderOf(instance), { accountId: 'account-1' });
    await own.crash();
    const error = await verify().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'replay_store_unavailable', retryable: true });
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
});

it('redisReplayStore works with the cluster clients of redis and ioredis', async () => {
  const node = await startRedisServer(['cluster-enabled yes']);
  onTestFinished(() => node.stop());
  const admin = new Ioredis6(node.url);
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await expect.poll(() => admin.call('CLUSTER', 'INFO'), patiently).toContain('cluster_state:ok');
  admin.disconnect();
  const one = createCluster6({ rootNodes: [{ url: node.url }] });
  await one.connect();
  onTestFinished(() => one.destroy());
  const { hostname, port } = new URL(node.url);
  const other = new IoredisCluster([{ host: hostname, port: Number(port) }]);
  onTestFinished(() => other.disconnect());
  const stores = [redisReplayStore({ client: one }), redisReplayStore({ client: other })];
  for (const [i, store] of stores.entries()) {
    const key = randomUUID();
    expect(await store.markUsed(key, 60)).toBe(true);
    expect(await store.markUsed(key, 60)).toBe(false);
    expect(await stores[1 - i]?.markUsed(key, 60)).toBe(false);
  }
});

it('a Redis server that is out of memory and evicts nothing causes a 503', async () => {
  const full = await startRedisServer(['maxmemory 1', 'maxmemory-policy noeviction']);
  onTestFinished(() => full.stop());
  const client = new Ioredis6(full.url);
  onTestFinished(() => client.disconnect());
  const instance = knownInstance();
  const verifier = verifierForBoth(instance, { replayStore: redisReplayStore({ client }) });
  const warnings = await collectWarnings(() =>
    expect(verifier.verify(instanceHeaderOf(instance), { accountId: 'account-1' })).rejects.toMatchObject({
      code: 'replay_store_unavailable',
    }),
  );
  expect(warnings).toEqual([
    'the replay store failed: ReplyError. The option onFailure receives the error itself',
  ]);
});

it.each([
  ['no client', {}, 'client: expected a client of the package redis or ioredis, got undefined'],
  ['a URL as client', { client: 'redis://127.0.0.1' }, 'client: expected a client of the package redis'],
  ['another object as client', { client: {} }, 'an object without the method set'],
  ['an unknown option', { client: { set() {} }, prefix: 'a' }, 'unknown member "prefix"'],
  ['a prefix of another type', { client: { set() {} }, keyPrefix: 7 }, 'keyPrefix: expected a string'],
  ['a time limit of 0', { client: { set() {} }, timeoutSeconds: 0 }, 'timeoutSeconds: expected seconds'],
])('redisReplayStore refuses %s', (_what, options, message) => {
  expect(thrownBy(() => redisReplayStore(options as never))).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining(message),
  });
});

it('redisReplayStore rejects replies that Redis does not give', async () => {
  for (const reply of [undefined, true, 1, 'QUEUED']) {
    const store = redisReplayStore({ client: { set: async () => reply } });
    await expect(store.markUsed('a', 1)).rejects.toMatchObject({ code: 'invalid_argument' });
  }
});
