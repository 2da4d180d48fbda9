/**
 * Runs work with the same key one by one, in the order of the calls. It does not exclude other processes.
 *
 * @example
 * ```ts
 * import { KeyedMutex } from 'agent-identity-core/http';
 *
 * const mutex = new KeyedMutex();
 * const result = await mutex.run('auth.json', async () => 'one at a time');
 * ```
 */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs the work after all earlier work with this key has settled, and returns its outcome. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const outcome = (this.#tails.get(key) ?? Promise.resolve()).then(work);
    const tail = outcome.then(
      () => {},
      () => {},
    );
    this.#tails.set(key, tail);
    tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return outcome;
  }
}
