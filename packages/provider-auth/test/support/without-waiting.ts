import { vi } from 'vitest';

/** Runs the work while timers fire at once, as fast as the work needs them. I/O takes the time it takes. */
export async function withoutWaiting<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let isSettled = false;
    const pending = work().finally(() => {
      isSettled = true;
    });
    pending.catch(() => {});
    while (!isSettled) {
      await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(10);
    }
    return await pending;
  } finally {
    vi.useRealTimers();
  }
}
