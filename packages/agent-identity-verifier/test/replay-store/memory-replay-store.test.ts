import { memoryReplayStore } from 'agent-identity-verifier';
import fc from 'fast-check';
import { manualClock, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { jumpWallClock, wallClockJumps } from '../support/wall-clock.js';

function scene(maxEntries?: number) {
  const { clock: monotonicClock, advance } = manualClock(0);
  return { store: memoryReplayStore({ maxEntries }, { monotonicClock }), advance };
}

describe('memoryReplayStore', () => {
  it('remembers a key for its time, and then forgets it', () => {
    const { store, advance } = scene();
    expect([store.markUsed('a', 10), store.markUsed('b', 10), store.markUsed('a', 10)]).toEqual([
      true,
      true,
      false,
    ]);
    advance(9.999);
    expect(store.markUsed('a', 10)).toBe(false);
    advance(0.001);
    expect(store.markUsed('a', 10)).toBe(true);
  });

  it('refuses further keys when it is full, and forgets none', () => {
    const { store, advance } = scene(2);
    store.markUsed('a', 10);
    advance(5);
    store.markUsed('b', 10);
    expect(thrownBy(() => store.markUsed('c', 10))).toMatchObject({
      code: 'replay_store_full',
      retryable: true,
    });
    expect([store.markUsed('a', 10), store.markUsed('b', 10)]).toEqual([false, false]);
    advance(5);
    expect(store.markUsed('c', 10)).toBe(true);
    expect(store.markUsed('b', 10)).toBe(false);
  });

  it('never forgets a key before its time, whatever lifetimes are mixed', () => {
    const calls = fc.array(fc.record({ key: fc.nat(20), ttlSeconds: fc.nat(30), wait: fc.nat(5) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(calls, (steps) => {
        const { store, advance } = scene();
        const usedUntil = new Map<number, number>();
        let now = 0;
        for (const { key, ttlSeconds, wait } of steps) {
          const isFirst = store.markUsed(String(key), ttlSeconds);
          if (isFirst) {
            expect(usedUntil.get(key) ?? 0).toBeLessThanOrEqual(now);
            usedUntil.set(key, now + ttlSeconds);
          }
          advance(wait);
          now += wait;
        }
      }),
    );
  });

  it.each(wallClockJumps)('ages by the monotonic clock: the wall clock may jump %s', (_jump, seconds) => {
    const { store, advance } = scene();
    store.markUsed('a', 10);
    jumpWallClock(seconds);
    advance(9.999);
    expect(store.markUsed('a', 10)).toBe(false);
    advance(0.001);
    expect(store.markUsed('a', 10)).toBe(true);
  });

  it.each([
    [{ maxEntries: 0 }, 'maxEntries: expected a whole number, 1 or more'],
    [{ maxEntries: '9' as never }, 'maxEntries: expected a whole number, 1 or more'],
    [{ maxEntrys: 9 } as object, 'did you mean "maxEntries"'],
  ])('refuses the options %j', (options, message) => {
    expect(thrownBy(() => memoryReplayStore(options))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    });
  });
});
