/**
 * Shares work: whoever asks while it is under way waits for the same outcome. The next to ask afterwards starts anew.
 */
export class SingleFlight<T> {
  #flight: Promise<T> | undefined;

  /**
   * The outcome of the work, or a rejection with the signal's reason as soon as that is aborted. Aborting ends this
   * caller's wait only: the work goes on for the others, and to its end.
   */
  join(start: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#flight ??= start().finally(() => {
      this.#flight = undefined;
    });
    return signal === undefined ? this.#flight : untilAborted(this.#flight, signal);
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
