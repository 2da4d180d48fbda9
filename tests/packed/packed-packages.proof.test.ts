import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOutput, readReadmeExamples } from 'test-support';
import { publishedPackages } from 'test-support/published-packages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedPackages, installProject, packPackages } from './install-packed.js';

/** What packages need for entry points that not every user imports. */
const optionalPeers = { '@opentelemetry/api': '^1.9.0' };

const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const project = join(folder, 'project');
let tarballs: ReadonlyMap<string, string>;

beforeAll(async () => {
  tarballs = await packPackages(folder);
  await installProject(project, { ...Object.fromEntries(tarballs), ...optionalPeers });
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(publishedPackages)('the packed $name', ({ name, folder: packageFolder, entryPoints }) => {
  it('exports the same as in this repository', async () => {
    for (const { specifier, targets } of entryPoints) {
      const program = `console.log(Object.keys(await import('${specifier}')).sort().join())`;
      const built = new URL(targets['default'] ?? '', packageFolder);
      const names = Object.keys(await import(built.href)).sort();
      await expectOutput({ program, output: `${names.join()}\n` }, project);
    }
  });

  it('has the files that its README links to', () => {
    const installed = join(project, 'node_modules', name);
    const readme = readFileSync(join(installed, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((?!https?:|#|\.\.\/)([^)#]+)/g)].map(([, link]) => `${link}`);
    expect(links.filter((link) => !existsSync(join(installed, link)))).toEqual([]);
  });

  it('runs the examples of its README', async () => {
    const readme = readFileSync(join(project, 'node_modules', name, 'README.md'), 'utf8');
    for (const example of readReadmeExamples(readme)) await expectOutput(example, project);
  });
});

it('agent-identity-authority-core brings no database, no command line and no metrics', async () => {
  const names = ['agent-identity-core', 'agent-identity-jwt', 'agent-identity-verifier'];
  const alone = join(folder, 'authority-core');
  const wanted = [...names, 'agent-identity-authority-core'].map((name) => [name, tarballs.get(name)]);
  await installProject(alone, Object.fromEntries(wanted));
  const installed = installedPackages(alone);
  console.log(`agent-identity-authority-core installs ${installed.length} packages: ${installed.join(', ')}`);
  expect(installed).toEqual(expect.arrayContaining(['agent-identity-authority-core', 'hono', 'jose', 'zod']));
  const unwanted = ['@electric-sql/pglite', 'commander', 'drizzle-orm', 'pg', 'pino', 'prom-client'];
  expect(installed.filter((name) => unwanted.includes(name))).toEqual([]);
});
