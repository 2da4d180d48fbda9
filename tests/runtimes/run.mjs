/**
 * `pnpm test:runtimes`: runs the whole test suite on Node 20, 22, 24 and 26, then the conformance suite of core on each of
 * them with both backends, on Deno, on Bun, and in Chromium in a page and in a worker. A missing runtime is installed or
 * reported as a failure; nothing is skipped. `pnpm test:runtimes packages/agent-identity-core` runs only the tests of these
 * files and says so.
 */
import { argv, exit } from 'node:process';
import { alignedTable, conformanceTable } from '../conformance/conformance-table.mjs';
import { installRuntimes } from './install-runtimes.mjs';
import { runInChromium } from './run-in-chromium.mjs';
import { runConformanceWith, runVitestWith } from './run-processes.mjs';

const portable = '--conditions=agent-identity-portable';
const filters = argv.slice(2).filter((argument) => argument !== '--');
const { nodes, deno, bun } = installRuntimes();

const suite = filters.length === 0 ? 'the whole suite' : `only the tests of ${filters.join(' ')}`;
/** @type {{ runtime: string, passed: number, failed: number, skipped: number, files: number }[]} */
const suites = [];
for (const { major, path } of nodes) {
  console.log(`\n${suite} on Node ${major}`);
  suites.push({ runtime: `Node ${major}`, ...runVitestWith(path, filters) });
}

/** @type {import('../conformance/conformance-table.mjs').ConformanceReport[]} */
const reports = [];
/** @type {string[]} */
const broken = [];
const conformance = [
  ...nodes.flatMap(({ major, path }) => [
    { runtime: `Node ${major}, native`, run: async () => [await runConformanceWith(path)] },
    { runtime: `Node ${major}, portable`, run: async () => [await runConformanceWith(path, [portable])] },
  ]),
  {
    runtime: 'Deno',
    run: async () => [await runConformanceWith(deno, ['run', '--no-prompt', '--allow-read'])],
  },
  { runtime: 'Bun', run: async () => [await runConformanceWith(bun)] },
  { runtime: 'Chromium', run: runInChromium },
];
for (const { runtime, run } of conformance) {
  try {
    reports.push(...(await run()));
  } catch (error) {
    broken.push(runtime);
    console.error(`\nthe conformance suite did not run on ${runtime}:`, error);
  }
}

const results = reports.flatMap((report) => report.results.map((result) => ({ ...report, ...result })));
const failures = results.filter(({ ok }) => !ok);
for (const { runtime, backend, group, name, error } of failures) {
  console.error(`${runtime.name} ${runtime.version}, ${backend} backend: ${group}: ${name}: ${error}`);
}

const header = [`${suite} on`, 'files', 'passed', 'failed', 'skipped'];
const rows = suites.map((suite) =>
  [suite.runtime, suite.files, suite.passed, suite.failed, suite.skipped].map(String),
);
console.log(`\n${alignedTable([header, ...rows])}\n\n${conformanceTable(reports)}\n`);

const passed = suites.reduce((sum, suite) => sum + suite.passed, results.length - failures.length);
const failed = suites.reduce((sum, suite) => sum + suite.failed, failures.length + broken.length);
if (broken.length > 0) console.error(`did not run: ${broken.join(', ')}`);
const skipped = suites.reduce((sum, suite) => sum + suite.skipped, 0);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
exit(failed === 0 ? 0 : 1);
