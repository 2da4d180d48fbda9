/**
 * Calls a listener and ignores what it throws or rejects with: reporting something must not become another failure.
 *
 * @returns the result of the call, or `undefined` if it threw
 * @example
 * ```ts
 * import { ignoringErrors } from 'agent-identity-core/http';
 *
 * function report(onEvent: ((event: string) => void) | undefined): void {
 *   ignoringErrors(() => onEvent?.('task_registered'));
 * }
 * ```
 */
export function ignoringErrors<T>(call: () => T): T | undefined {
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, () => {});
    return result;
  } catch {
    return undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}
