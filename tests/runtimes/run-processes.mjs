import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'tests', 'conformance', 'report-conformance.mjs');

/**
 * Runs the conformance suite in a process of another runtime.
 *
 * @param {string} path of the runtime
 * @param {readonly string[]} [parameters] before the script
 * @returns {Promise<import('../conformance/conformance-table.mjs').ConformanceReport>}
 */
export async function runConformanceBy(path, parameters = []) {
  const { stdout } = await promisify(execFile)(path, [...parameters, script], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout);
}

/**
 * Runs the whole test suite by a Node binary, which is also the first `node` on the PATH of what the tests start.
 *
 * @param {string} path of the Node binary
 * @param {readonly string[]} filters of test files; all without any
 * @returns {{ passed: number, failed: number, skipped: number, files: number }}
 */
export function runVitestBy(path, filters) {
  const folder = mkdtempSync(join(tmpdir(), 'vitest-'));
  const outputFile = join(folder, 'results.json');
  try {
    const { status } = spawnSync(
      path,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        ...filters,
        '--reporter=default',
        '--silent=passed-only',
        '--reporter=json',
        `--outputFile.json=${outputFile}`,
      ],
      {
        cwd: root,
        env: { ...env, PATH: `${dirname(path)}${delimiter}${env['PATH'] ?? ''}` },
        stdio: 'inherit',
      },
    );
    const results = JSON.parse(readFileSync(outputFile, 'utf8'));
    const failed = results.numFailedTests + failedFiles(results);
    return {
      passed: results.numPassedTests,
      // A run that fails without a failed test, by an unhandled error say, has failed all the same.
      failed: status !== 0 && failed === 0 ? 1 : failed,
      skipped: results.numPendingTests + results.numTodoTests,
      files: results.testResults.length,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Files that failed without a failed test: they could not be loaded, or what comes before their tests failed. @param {{ testResults: any[] }} results */
function failedFiles({ testResults }) {
  return testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((/** @type {any} */ test) => test.status === 'failed'),
  ).length;
}
