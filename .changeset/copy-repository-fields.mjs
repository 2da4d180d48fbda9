/**
 * Copies `repository`, `homepage` and `bugs` from the package.json of the repository into those of all published
 * packages. Fails and changes nothing while one of them is missing. `pnpm release` runs it first.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const { repository, homepage, bugs } = readPackageJson(root);

const missing = Object.entries({ repository, homepage, bugs }).filter(([, value]) => !value);
if (missing.length > 0) {
  const names = missing.map(([name]) => name).join(', ');
  console.error(`The package.json of the repository has no ${names}. Add them before a release.`);
  exit(1);
}

for (const name of readdirSync(join(root, 'packages'))) {
  const directory = `packages/${name}`;
  const folder = join(root, directory);
  if (!existsSync(join(folder, 'package.json'))) continue;
  const packageJson = readPackageJson(folder);
  if (packageJson.private) continue;
  const fields = { repository: { ...toObject(repository), directory }, homepage, bugs };
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(withFields(packageJson, fields), null, 2)}\n`,
  );
}

/** @param {string} folder */
function readPackageJson(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** @param {string | object} repository */
function toObject(repository) {
  return typeof repository === 'string' ? { type: 'git', url: repository } : repository;
}

/**
 * Puts the fields after `license`, where npm users look for them; a later run changes nothing.
 *
 * @param {Record<string, unknown>} packageJson
 * @param {Record<string, unknown>} fields
 */
function withFields(packageJson, fields) {
  const others = Object.entries(packageJson).filter(([name]) => !(name in fields));
  const index = others.findIndex(([name]) => name === 'license') + 1;
  return Object.fromEntries([...others.slice(0, index), ...Object.entries(fields), ...others.slice(index)]);
}
