/**
 * The result of one run of the suite.
 *
 * @typedef {object} ConformanceReport
 * @property {{ name: string, version: string }} runtime
 * @property {'native' | 'portable'} backend
 * @property {import('./suite/checks.mjs').ConformanceResult[]} results
 */

/**
 * Formats the number of vectors passed per backend and runtime as a table.
 *
 * @param {readonly ConformanceReport[]} reports
 * @returns {string}
 */
export function conformanceTable(reports) {
  const groups = [...new Set(reports.flatMap(({ results }) => results.map(({ group }) => group)))];
  const header = ['runtime', 'backend', ...groups, 'all'];
  const rows = reports.map(({ runtime, backend, results }) => [
    `${runtime.name} ${runtime.version}`,
    backend,
    ...groups.map((group) => formatPassed(results.filter((result) => result.group === group))),
    formatPassed(results),
  ]);
  return `vectors passed per backend and runtime\n\n${alignedTable([header, ...rows])}`;
}

/** @param {readonly import('./suite/checks.mjs').ConformanceResult[]} results */
function formatPassed(results) {
  return `${results.filter(({ ok }) => ok).length}/${results.length}`;
}

/** Formats a Markdown table with aligned columns. @param {readonly (readonly string[])[]} rows */
export function alignedTable(rows) {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  const lines = rows.map(
    (row) => `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`,
  );
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
