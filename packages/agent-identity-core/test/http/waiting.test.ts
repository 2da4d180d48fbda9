import { createSingleFlight, KeyedMutex, untilAborted, withDeadline } from 'agent-identity-core/http';
import { describe, expect, it } from 'vitest';

const never = new Promise<never>(() => {});
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

describe('untilAborted', () => {
  it('gives the outcome of the work', async () => {
    expect(await untilAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
    expect(await untilAborted(Promise.resolve(2), null)).toBe(2);
    await expect(untilAborted(Promise.reject(new Error('x')), new AbortController().signal)).rejects.toThrow(
      'x',
    );
  });

  it('rejects with the reason as soon as the signal aborts, though the work ignores it', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    controller.abort('reason');
    await expect(waiting).rejects.toBe('reason');
    await expect(untilAborted(never, AbortSignal.abort('early'))).rejects.toBe('early');
  });
});

describe('withDeadline', () => {
  it('gives the outcome of the work', async () => {
    expect(await withDeadline({ timeoutSeconds: 60 }, async () => 'done')).toBe('done');
    await expect(
      withDeadline({ timeoutSeconds: 60 }, async () => {
        throw new Error('failed');
      }),
    ).rejects.toThrow('failed');
  });

  it('rejects with timed_out, retryable, when the time is up, and aborts the signal of the work', async () => {
    let workSignal: AbortSignal | undefined;
    const late = withDeadline({ timeoutSeconds: 0.01 }, (signal) => {
      workSignal = signal;
      return never;
    });
    await expect(late).rejects.toMatchObject({
      code: 'timed_out',
      retryable: true,
      message: 'no result within 0.01 s',
    });
    expect(workSignal?.aborted).toBe(true);
  });

  it("rejects with the caller's own reason", async () => {
    const controller = new AbortController();
    const waiting = withDeadline({ timeoutSeconds: 60, signal: controller.signal }, () => never);
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    const started: string[] = [];
    const refused = withDeadline({ timeoutSeconds: 60, signal: AbortSignal.abort('early') }, async () => {
      started.push('started');
    });
    await expect(refused).rejects.toBe('early');
    expect(started).toEqual([]);
  });
});

describe('createSingleFlight', () => {
  it('runs the work once for concurrent callers of one key, and again afterwards', async () => {
    const flights = createSingleFlight<number>();
    let starts = 0;
    const start = async () => {
      await turn();
      starts += 1;
      return starts;
    };
    expect(await Promise.all([flights.join('a', start), flights.join('a', start)])).toEqual([1, 1]);
    expect(await flights.join('a', start)).toBe(2);
    expect(await Promise.all([flights.join('a', start), flights.join('b', start)])).toEqual([3, 4]);
  });

  it('forgets a failure', async () => {
    const flights = createSingleFlight<number>();
    const fail = () => {
      throw new Error('synchronous');
    };
    await expect(flights.join('a', fail)).rejects.toThrow('synchronous');
    expect(await flights.join('a', async () => 1)).toBe(1);
  });

  it("rejects only the caller that aborts, and aborts the work after the last caller's abort", async () => {
    const flights = createSingleFlight<string>();
    const [one, two] = [new AbortController(), new AbortController()];
    let workSignal: AbortSignal | undefined;
    const start = (signal: AbortSignal) => {
      workSignal = signal;
      return never;
    };
    const first = flights.join('a', start, one.signal);
    const second = flights.join('a', start, two.signal);
    one.abort('first');
    await expect(first).rejects.toBe('first');
    expect(workSignal?.aborted).toBe(false);
    two.abort('second');
    await expect(second).rejects.toBe('second');
    expect(workSignal?.aborted).toBe(true);
    expect(await flights.join('a', async () => 'started again')).toBe('started again');
  });

  it('lets abandoned work finish if whenAbandoned is finish, and the next caller joins it', async () => {
    const flights = createSingleFlight<string>({ whenAbandoned: 'finish' });
    const controller = new AbortController();
    let finish: (value: string) => void = () => {};
    const abandoned = flights.join(
      'a',
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      controller.signal,
    );
    await turn();
    controller.abort('gone');
    await expect(abandoned).rejects.toBe('gone');
    expect(flights.isInProgress('a')).toBe(true);
    const joined = flights.join('a', async () => 'not started');
    finish('finished');
    expect(await joined).toBe('finished');
    expect(flights.isInProgress('a')).toBe(false);
  });

  it('leaves no unhandled rejection behind when abandoned work fails', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      const flights = createSingleFlight<string>();
      const controller = new AbortController();
      const start = (signal: AbortSignal) =>
        new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(new Error('late'))));
      const abandoned = flights.join('a', start, controller.signal);
      await turn();
      controller.abort('gone');
      await expect(abandoned).rejects.toBe('gone');
      await turn();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});

describe('KeyedMutex', () => {
  it('runs work of one key in order and work of other keys concurrently', async () => {
    const mutex = new KeyedMutex();
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} starts`);
      await turn();
      log.push(`${name} ends`);
      return name;
    };
    const outcomes = Promise.all([
      mutex.run('a', work('a1')),
      mutex.run('a', work('a2')),
      mutex.run('b', work('b1')),
    ]);
    expect(await outcomes).toEqual(['a1', 'a2', 'b1']);
    expect(log.indexOf('a2 starts')).toBeGreaterThan(log.indexOf('a1 ends'));
    expect(log.indexOf('b1 starts')).toBeLessThan(log.indexOf('a1 ends'));
  });

  it('continues after work that failed', async () => {
    const mutex = new KeyedMutex();
    const failed = mutex.run('a', async () => {
      throw new Error('failed');
    });
    const next = mutex.run('a', async () => 'next');
    await expect(failed).rejects.toThrow('failed');
    expect(await next).toBe('next');
  });
});
