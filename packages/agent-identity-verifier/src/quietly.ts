/** The same callback, but it cannot throw: telling of a failure must not become another one. */
export function quietly<Args extends readonly unknown[]>(
  tell: ((...args: Args) => void) | undefined,
): (...args: Args) => void {
  return (...args) => {
    try {
      tell?.(...args);
    } catch {
      // There is nobody left to tell.
    }
  };
}
