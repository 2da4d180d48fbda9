import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import vectors from '../vectors/agent-identity.json' with { type: 'json' };
import edgeCases from '../vectors/ed25519-edge-cases.json' with { type: 'json' };
import instances from '../vectors/runtime-agent-instances.json' with { type: 'json' };
import { type ConformanceReport, conformanceTable } from './conformance-table.mjs';

const script = fileURLToPath(new URL('report-conformance.mjs', import.meta.url));

/** Runs the suite in a separate Node process, so that Node's resolution of `#backend` selects the backend. */
async function runReport(conditions: readonly string[]): Promise<ConformanceReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [...conditions, script], {
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout);
}

const backends = [
  { backend: 'native', conditions: [] },
  { backend: 'portable', conditions: ['--conditions=agent-identity-portable'] },
] as const;

const reports: ConformanceReport[] = [];
afterAll(() => console.log(conformanceTable(reports)));

describe.each(backends)('agent-identity-core on the $backend backend', ({ backend, conditions }) => {
  let report: ConformanceReport;
  beforeAll(async () => {
    report = await runReport(conditions);
    reports.push(report);
  }, 60_000);

  it('is the backend that ran', () => {
    expect(report.backend).toBe(backend);
    expect(report.runtime).toEqual({ name: 'Node', version: process.versions.node });
  });

  it.each([
    ['keys', vectors.keys.length],
    ['invalid keys', vectors.invalid_keys.length],
    ['assertions', vectors.assertions.length],
    ['task registrations', vectors.task_registrations.length],
    ['sealed task ids', vectors.sealed_task_ids.length],
    ['tampering', vectors.keys.length * 3],
    ['refused public keys', edgeCases.refused_public_keys.length],
    ['accepted public keys', edgeCases.accepted_public_keys.length],
    ['signatures', edgeCases.signatures.length],
    [
      'instance assertions',
      2 + instances.runs.reduce((count, { assertions }) => count + assertions.length, 0),
    ],
  ])('passes all vectors of %s', (group, count) => {
    const results = report.results.filter((result) => result.group === group);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results).toHaveLength(count);
  });

  it('passes all vectors', () => {
    expect(report.results.filter(({ ok }) => !ok)).toEqual([]);
    expect(new Set(report.results.map(({ group }) => group)).size).toBe(10);
  });
});
