/**
 * Waits for the work, but rejects with the signal's reason as soon as the signal aborts, even if the work ignores it. The
 * work itself continues.
 *
 * @example
 * ```ts
 * import { untilAborted } from 'agent-identity-core/http';
 *
 * const answer = await untilAborted(Promise.resolve(42), AbortSignal.timeout(1000));
 * ```
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (signal === undefined || signal === null) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
