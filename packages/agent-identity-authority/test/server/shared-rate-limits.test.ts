import { startRedisServer } from 'test-support/redis';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../support/start-server.js';

async function redis(settings: readonly string[] = []) {
  const server = await startRedisServer(settings);
  onTestFinished(() => server.stop());
  return server;
}

/** Starts a node that answers five requests of an address in a minute. */
const startNode = (shared: string) => startServer({ limits: { shared, addressRequestsPerMinute: 5 } });

const ask = async ({ url }: { readonly url: string }) => {
  const response = await fetch(`${url}/agent-identities/jwks`);
  await response.arrayBuffer();
  return response;
};

/** How many of ten requests are answered. */
async function countAnswered(node: { readonly url: string }): Promise<number> {
  let answered = 0;
  for (let i = 0; i < 10; i += 1) answered += (await ask(node)).ok ? 1 : 0;
  return answered;
}

describe('nodes that share their limits', () => {
  it('count together', async () => {
    const { url } = await redis();
    const [one, other] = [await startNode(url), await startNode(url)];
    for (const node of [one, other, one]) expect((await ask(node)).status).toBe(200);
    expect(await countAnswered(other)).toBe(2);
    expect(await countAnswered(one)).toBe(0);
    const refused = await ask(other);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('count by themselves while Redis is away, say so once, and count together again', async () => {
    const server = await redis();
    const [one, other] = [await startNode(server.url), await startNode(server.url)];
    await server.crash();
    expect(await countAnswered(one)).toBe(5);
    expect(await countAnswered(other)).toBe(5);
    expect(
      one
        .log()
        .split('\n')
        .filter((line) => line.includes('Redis is away')),
    ).toHaveLength(1);
    await server.start();
    // The connection may come back in the middle of a round, which then counts for a part of the limit.
    let answered = 0;
    await vi.waitFor(
      async () => {
        answered += (await countAnswered(one)) + (await countAnswered(other));
        expect(answered).toBe(5);
      },
      { timeout: 20_000, interval: 500 },
    );
    expect((await countAnswered(one)) + (await countAnswered(other))).toBe(0);
  });

  it('do not show the password of Redis', async () => {
    const { url } = await redis(['requirepass the-right-password']);
    const node = await startNode(url.replace('redis://', 'redis://:the-wrong-password@'));
    await vi.waitFor(async () => {
      await ask(node);
      expect(node.log()).toMatch(/Redis is away.*(?:WRONGPASS|NOAUTH|invalid)/);
    });
    expect(node.log()).not.toContain('the-wrong-password');
  });

  it.each(['localhost:6379', 'http://localhost'])('refuse %s', async (shared) => {
    await expect(startServer({ limits: { shared } })).rejects.toMatchObject({
      code: 'invalid_configuration',
    });
  });
});
