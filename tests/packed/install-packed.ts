import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publishedPackages } from 'test-support/published-packages';

const { packageManager } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Packs all packages as they are published; returns the tarballs by the name of the package. */
export async function packPackages(folder: string): Promise<ReadonlyMap<string, string>> {
  const packed = publishedPackages.map(async ({ name, folder: packageFolder }) => {
    const destination = join(folder, name);
    await mkdir(destination);
    const pack = ['--yes', packageManager, 'pack', '--pack-destination', destination];
    await run('npx', pack, fileURLToPath(packageFolder));
    const [tarball = ''] = readdirSync(destination);
    return [name, join(destination, tarball)] as const;
  });
  return new Map(await Promise.all(packed));
}

/** Installs these dependencies by npm in a new project, as a user does. */
export async function installProject(folder: string, dependencies: Record<string, string>): Promise<void> {
  await mkdir(folder);
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], folder);
}

/** The names of all packages that are installed in a project, at any depth. */
export function installedPackages(folder: string): string[] {
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'));
  const paths = Object.keys(lock.packages as object);
  return [...new Set(paths.map((path) => path.split('node_modules/').at(-1) ?? ''))].sort();
}

async function run(command: string, words: readonly string[], cwd: string): Promise<void> {
  // The settings that pnpm hands down are not npm's.
  const own = Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name));
  await promisify(execFile)(command, words, { cwd, env: Object.fromEntries(own) });
}
