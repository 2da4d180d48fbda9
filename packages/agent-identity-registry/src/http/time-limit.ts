import { describeType } from 'agent-identity-core';
import { registryError } from '../errors.js';
import { startTimer } from './runtime-effects.js';

/** Longer limits would come near what timers can count. */
const longestTimeLimitSeconds = 3600;

/** @throws AgentIdentityError `invalid_argument` */
export function requireTimeLimit(timeLimitSeconds: number): void {
  if (
    typeof timeLimitSeconds !== 'number' ||
    !(timeLimitSeconds > 0 && timeLimitSeconds <= longestTimeLimitSeconds)
  ) {
    throw registryError(
      'invalid_argument',
      `timeLimitSeconds: expected more than 0 and at most ${longestTimeLimitSeconds}, got ${describeType(timeLimitSeconds)}`,
    );
  }
}

/**
 * Runs with a signal that aborts when the time is up or the caller aborts, whichever comes first; timer and listener
 * are gone afterwards.
 *
 * `AbortSignal.any` and `AbortSignal.timeout` would do the same in fewer words, but together they may be collected
 * before they fire, in several versions of Node (nodejs/node issue 57736).
 */
export async function withTimeLimit<T>(
  timeLimitSeconds: number,
  callerSignal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stopTimer = startTimer(timeLimitSeconds * 1000, () => {
    controller.abort(new DOMException('the time limit was reached', 'TimeoutError'));
  });
  const onAbort = () => controller.abort(callerSignal?.reason);
  if (callerSignal?.aborted) onAbort();
  callerSignal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await run(controller.signal);
  } finally {
    stopTimer();
    callerSignal?.removeEventListener('abort', onAbort);
  }
}
