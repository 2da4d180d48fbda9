import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRateLimiter } from '../../dist/http/rate-limiter.js';

it("a limiter never allows more within any period than a burst and that period's average", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 120 }),
      gaps,
      (requests, perSeconds, ms) => {
        let time = 1_000_000;
        const limiter = createRateLimiter({ requests, perSeconds }, () => time);
        let passed = 0;
        for (const gap of ms) {
          time += gap;
          if (limiter.tryConsume('key') === undefined) passed++;
          expect(passed).toBeLessThanOrEqual(
            requests + Math.ceil(((time - 1_000_000) * requests) / (perSeconds * 1000)) + 1,
          );
        }
      },
    ),
  );
});

it('a limiter allows a request that waits as long as it said', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 120 }), (requests, perSeconds) => {
      let time = 1_000_000;
      const limiter = createRateLimiter({ requests, perSeconds }, () => time);
      for (let i = 0; i < requests; i++) expect(limiter.tryConsume('key')).toBeUndefined();
      const retryAfterSeconds = limiter.tryConsume('key') ?? 0;
      expect(retryAfterSeconds).toBeGreaterThan(0);
      time += retryAfterSeconds * 1000;
      expect(limiter.tryConsume('key')).toBeUndefined();
    }),
  );
});

it('a limiter remembers only the given number of keys', () => {
  const limiter = createRateLimiter({ requests: 1, perSeconds: 60 }, () => 0, 2);
  for (const key of ['a', 'b', 'c']) expect(limiter.tryConsume(key)).toBeUndefined();
  expect(limiter.tryConsume('c')).toBe(60);
  expect(limiter.tryConsume('a')).toBeUndefined();
});
