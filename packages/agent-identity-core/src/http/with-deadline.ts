import { coreError } from '../errors.js';
import { startTimer } from './effects.js';
import { untilAborted } from './until-aborted.js';

/** Options for {@link withDeadline}. */
export interface WithDeadlineOptions {
  /** Limit for the whole work, in seconds. */
  readonly timeoutSeconds: number;
  /** The caller's own signal; its reason rejects as it is. */
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * Runs work with a time limit. The work gets a signal that aborts when the time is up or the caller aborts. The promise
 * rejects at that moment, even if the work ignores the signal. No timer and no listener stay behind.
 *
 * `AbortSignal.any` and `AbortSignal.timeout` together may be garbage-collected before they fire in several Node
 * versions (nodejs/node issue 57736), so this uses a controller and a timer.
 *
 * @throws AgentIdentityError `timed_out`, retryable
 * @example
 * ```ts
 * import { withDeadline } from 'agent-identity-core/http';
 *
 * const response = await withDeadline({ timeoutSeconds: 5 }, (signal) =>
 *   fetch('https://agents.example.com/health', { signal }),
 * );
 * ```
 */
export async function withDeadline<T>(
  { timeoutSeconds, signal }: WithDeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const cancelTimer = startTimer(timeoutSeconds * 1000, () => {
    controller.abort(coreError('timed_out', `no result within ${timeoutSeconds} s`, { retryable: true }));
  });
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await untilAborted(work(controller.signal), controller.signal);
  } finally {
    cancelTimer();
    signal?.removeEventListener('abort', onAbort);
  }
}
