/**
 * What one check of the suite came to.
 *
 * @typedef {{ group: string, name: string, ok: boolean, error?: string }} ConformanceResult
 */

/**
 * Runs checks one after the other and keeps what each came to: the suite has no test runner, so that it runs wherever
 * JavaScript does.
 *
 * @returns {{ results: ConformanceResult[], check(group: string, name: string, action: () => void): void }}
 */
export function createChecks() {
  /** @type {ConformanceResult[]} */
  const results = [];
  return {
    results,
    check(group, name, action) {
      try {
        action();
        results.push({ group, name, ok: true });
      } catch (error) {
        results.push({ group, name, ok: false, error: String(error) });
      }
    },
  };
}

/**
 * @param {unknown} actual Compared as JSON where it is not a primitive value.
 * @param {unknown} expected
 * @param {string} what
 */
export function requireEqual(actual, expected, what) {
  const [got, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

/**
 * @param {string} code
 * @param {() => unknown} action
 * @param {string} what
 */
export function requireRefusal(code, action, what) {
  let outcome = 'it was accepted';
  try {
    action();
  } catch (error) {
    const { code: thrown } = /** @type {{ code?: unknown }} */ (error);
    if (thrown === code) return;
    outcome = `it threw ${String(error)}`;
  }
  throw new Error(`${what}: expected ${code}, but ${outcome}`);
}
