/**
 * The result of one check of the suite.
 *
 * @typedef {{ group: string, name: string, ok: boolean, error?: string }} ConformanceResult
 */

/**
 * Runs checks one by one and collects their results. The suite has no test runner, so it runs on any JavaScript runtime.
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
 * @param {unknown} actual Compared as JSON.
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
