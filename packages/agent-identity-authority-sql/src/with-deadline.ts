/** A call took longer than it may. The work may still take effect. */
function deadlinePassed(milliseconds: number): Error {
  return new Error(`no answer within ${milliseconds} ms`);
}

/**
 * Rejects when the time is over, whatever the work does then. The signal is how the work learns of it; it should give up
 * what it holds.
 */
export async function withDeadline<Answer>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const signal = AbortSignal.timeout(milliseconds);
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(deadlinePassed(milliseconds)), { once: true });
    work(signal).then(resolve, reject);
  });
}
