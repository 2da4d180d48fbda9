import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from 'test-support';
import { publishedPackages } from 'test-support/published-packages';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../.changeset/copy-repository-fields.mjs', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));
const names = publishedPackages.map(({ name }) => name);
const fields = {
  repository: { type: 'git', url: 'git+https://git.example.test/agent-identity.git' },
  homepage: 'https://agent-identity.example.test',
  bugs: 'https://git.example.test/agent-identity/issues',
};

it('a release is refused while the repository has no address, and no package changes', async () => {
  const copy = await copyOfPackages({ homepage: fields.homepage });
  const { status, stderr } = run(copy);
  expect(status).toBe(1);
  expect(stderr).toContain('has no repository, bugs');
  expect(names.map((name) => readText(copy, name))).toEqual(names.map((name) => readText(repository, name)));
});

it('the addresses of the repository are copied into every package, and nothing else changes', async () => {
  const copy = await copyOfPackages(fields);
  expect(run(copy)).toMatchObject({ status: 0, stderr: '' });
  const expected = names.map((name) => ({
    ...JSON.parse(readText(repository, name)),
    ...fields,
    repository: { ...fields.repository, directory: `packages/${name}` },
  }));
  const first = names.map((name) => readText(copy, name));
  expect(first.map((text) => JSON.parse(text))).toEqual(expected);
  run(copy);
  expect(names.map((name) => readText(copy, name))).toEqual(first);
});

it('a repository that is one address gets the folder of the package, too', async () => {
  const copy = await copyOfPackages({ ...fields, repository: fields.repository.url });
  expect(run(copy).status).toBe(0);
  const { repository: copied } = JSON.parse(readText(copy, 'agent-identity-core'));
  expect(copied).toEqual({ ...fields.repository, directory: 'packages/agent-identity-core' });
});

/** The package.json files of this repository in a temporary folder, with these fields in that of the root. */
async function copyOfPackages(rootFields: object): Promise<string> {
  const copy = await temporaryFolder();
  const root = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...withoutFields(root), ...rootFields }));
  for (const name of names) {
    mkdirSync(join(copy, 'packages', name), { recursive: true });
    copyFileSync(packageJsonOf(repository, name), packageJsonOf(copy, name));
  }
  return copy;
}

const withoutFields = ({ repository: _r, homepage: _h, bugs: _b, ...others }: Record<string, unknown>) =>
  others;
const packageJsonOf = (root: string, name: string) => join(root, 'packages', name, 'package.json');
const readText = (root: string, name: string) => readFileSync(packageJsonOf(root, name), 'utf8');
const run = (root: string) => spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
