import {
  type HttpEffects,
  readClock,
  requireSignal,
  resolveEffects,
  startTimer,
} from 'agent-identity-core/http';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

describe('resolveEffects', () => {
  it('gives two calls without effects the same fetch, so that their work can be shared', () => {
    expect(resolveEffects().fetch).toBe(resolveEffects().fetch);
  });

  it('looks the default fetch up at each request', async () => {
    const { fetch } = resolveEffects();
    const original = globalThis.fetch;
    try {
      globalThis.fetch = async () => new Response('replaced');
      expect(await (await fetch('http://127.0.0.1:9')).text()).toBe('replaced');
    } finally {
      globalThis.fetch = original;
    }
  });

  it('keeps the effects that are given', () => {
    const effects = {
      fetch: async () => new Response(),
      clock: () => 1,
      monotonicClock: () => 2,
      sleep: async () => {},
      random: () => 0.5,
      signal: new AbortController().signal,
    };
    expect(resolveEffects(effects)).toEqual(effects);
  });

  it.each([
    [{ fetsch: fetch }, 'effects: unknown member "fetsch"; did you mean "fetch"?'],
    [{ clock: 5 }, 'effects.clock: expected a function, got a number'],
    [{ signal: {} }, 'effects.signal: expected an AbortSignal, got a value of type object'],
    ['text', 'effects: expected an object, got a string of 4 characters'],
  ])('refuses %o', (effects, message) => {
    expect(thrownBy(() => resolveEffects(effects as HttpEffects))).toMatchObject({
      code: 'invalid_argument',
      message,
    });
  });

  it('has a monotonic clock that does not follow the wall clock', () => {
    const { monotonicClock } = resolveEffects();
    expect(monotonicClock()).toBeLessThan(Date.now() / 2);
  });

  it('ends the default sleep with the reason of the signal and leaves no listener', async () => {
    const { sleep } = resolveEffects();
    const controller = new AbortController();
    const slept = sleep(60_000, controller.signal);
    controller.abort('stop');
    await expect(slept).rejects.toBe('stop');
    await expect(sleep(60_000, AbortSignal.abort('late'))).rejects.toBe('late');
    await sleep(0, new AbortController().signal);
  });
});

describe('readClock', () => {
  it('returns what the clock says', () => {
    expect(readClock(() => 1_776_902_400_000)).toBe(1_776_902_400_000);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, '5'])('refuses %s', (value) => {
    expect(thrownBy(() => readClock(() => value as number))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/^clock\(\) did not return a finite number but /),
    });
  });
});

describe('requireSignal', () => {
  it('takes a signal, null and undefined, and an object that behaves like a signal', () => {
    requireSignal(AbortSignal.abort(), 'signal');
    requireSignal(null, 'signal');
    requireSignal(undefined, 'signal');
    requireSignal({ throwIfAborted() {}, addEventListener() {} } as unknown as AbortSignal, 'signal');
    expect(thrownBy(() => requireSignal('x' as unknown as AbortSignal, 'signal'))).toMatchObject({
      code: 'invalid_argument',
    });
  });
});

describe('startTimer', () => {
  it('calls back unless it is cancelled', async () => {
    const called: string[] = [];
    const cancel = startTimer(0, () => called.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => startTimer(5, resolve));
    expect(called).toEqual([]);
  });
});
