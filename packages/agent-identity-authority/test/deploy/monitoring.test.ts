import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFile } from 'test-support';
import { ensureInstalled, findProgram } from 'test-support/ensure-installed';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageFile, startServer } from '../support/start-server.js';

const run = promisify(execFile);
const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const files = ['deploy/alert-rules.yaml', 'deploy/grafana-dashboard.json'] as const;

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

let promtool: string;
beforeAll(async () => {
  const hint = 'These tests need promtool: apt-get install prometheus, or brew install prometheus.';
  promtool = await ensureInstalled(() => findProgram('promtool'), ['prometheus'], hint);
}, 300_000);

describe('the alert rules', () => {
  it('are valid for Prometheus', async () => {
    const { stdout } = await run(promtool, ['check', 'rules', pathOf(files[0])]);
    expect(stdout).toMatch(/SUCCESS: [1-9]\d* rules found/);
  });

  it('fire when they should, and not for a healthy authority', async () => {
    const { stdout } = await run(promtool, ['test', 'rules', pathOf('test/deploy/alert-rules.test.yaml')]);
    expect(stdout).toContain('SUCCESS');
  });

  it('are all tried', async () => {
    const tried = await packageFile('test/deploy/alert-rules.test.yaml');
    const names = [...(await packageFile(files[0])).matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !tried.includes(`alertname: ${name}`))).toEqual([]);
  });
});

it('every query of the dashboard is one that Prometheus can read', async () => {
  const { panels }: Dashboard = JSON.parse(await packageFile(files[1]));
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const rules = queries.map((query, index) => {
    const expr = JSON.stringify(query.replaceAll('$__rate_interval', '5m'));
    return `      - { record: query_${index}, expr: ${expr} }\n`;
  });
  const file = await temporaryFile(`groups:\n  - name: dashboard\n    rules:\n${rules.join('')}`);
  const { stdout } = await run(promtool, ['check', 'rules', file]);
  expect(stdout).toContain(`SUCCESS: ${queries.length} rules found`);
});

describe.each(files)('%s', (file) => {
  it('names only metrics and kinds of rows that a server exposes', async () => {
    const { operationsUrl } = await startServer();
    const metrics = await (await fetch(`${operationsUrl}/metrics`)).text();
    const text = await packageFile(file);
    const names = [...text.matchAll(/\b(?:agent_identity_authority|process)_\w+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(5);
    const isExposed = (name: string) => metrics.includes(`# TYPE ${name.replace(/_bucket$/, '')} `);
    expect(names.filter((name) => !isExposed(name))).toEqual([]);
    const kinds = [...text.matchAll(/\bkind!?=\\?"(\w+)/g)].map(([, kind]) => kind);
    expect(kinds.filter((kind) => !metrics.includes(`rows{kind="${kind}"}`))).toEqual([]);
  });

  it('selects routes that there are', async () => {
    const { url } = await startServer();
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    const patterns = [...(await packageFile(file)).matchAll(/route=~\\?"([^"\\]+)/g)].flatMap(([, pattern]) =>
      (pattern ?? '').split('|'),
    );
    expect(patterns.length).toBeGreaterThan(0);
    const selectsNothing = (pattern: string) =>
      !Object.keys(paths).some((path) => new RegExp(`^(?:${pattern})$`).test(path));
    expect(patterns.filter(selectsNothing)).toEqual([]);
  });
});
