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
 * @param {string} path The binary of the runtime.
 * @param {readonly string[]} [parameters] Arguments before the script.
 * @returns {Promise<import('../conformance/conformance-table.mjs').ConformanceReport>}
 */
export async function runConformanceWith(path, parameters = []) {
  const { stdout } = await promisify(execFile)(path, [...parameters, script], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout);
}

/**
 * Runs the whole test suite with a Node binary. The binary is also the first `node` on the PATH of processes that the tests
 * start.
 *
 * @param {string} path The Node binary.
 * @param {readonly string[]} filters Test files; all if empty.
 * @returns {{ passed: number, failed: number, skipped: number, files: number }}
 */
export function runVitestWith(path, filters) {
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
      // A run can fail without a failed test, for example because of an unhandled error.
      failed: status !== 0 && failed === 0 ? 1 : failed,
      skipped: results.numPendingTests + results.numTodoTests,
      files: results.testResults.length,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Counts files that failed without a failed test, for example because a hook failed. @param {{ testResults: any[] }} results */
function failedFiles({ testResults }) {
  return testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((/** @type {any} */ test) => test.status === 'failed'),
  ).length;
}
