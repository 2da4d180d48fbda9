import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { arch, env, pid, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Ignored by git and not in the lockfile, because the client is not a dependency. */
const cache = fileURLToPath(new URL('../../../node_modules/.cache/published-client', import.meta.url));

/** The target triple of the client's binary for each platform. @type {Readonly<Record<string, string>>} */
const targets = { 'linux-x64': 'x86_64-unknown-linux-musl', 'linux-arm64': 'aarch64-unknown-linux-musl' };

/**
 * Installs a version of the published client from the npm registry unless it is in the cache, and returns the path of its
 * binary. npm checks the package's integrity.
 *
 * @param {string} version
 * @returns {string}
 */
export function installPublishedClient(version) {
  const name = `${platform}-${arch}`;
  const target = targets[name];
  if (target === undefined)
    throw new Error(`expected linux-x64 or linux-arm64 for the published client, got ${name}`);
  const binary = join(cache, `codex-${version}-${name}`);
  if (existsSync(binary)) return binary;
  const folder = join(cache, `download-${version}-${pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const specifier = `@openai/codex@${version}-${name}`;
    run('npm', ['pack', specifier, '--pack-destination', folder, '--ignore-scripts', '--silent'], folder);
    const member = `package/vendor/${target}/bin/codex`;
    run('tar', ['-xzf', `openai-codex-${version}-${name}.tgz`, member], folder);
    renameSync(join(folder, member), binary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return binary;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  // npm must not see the settings that pnpm passes to its scripts.
  const ownEnv = Object.fromEntries(Object.entries(env).filter(([key]) => !/^(npm|pnpm)_/i.test(key)));
  const { status, error, stderr } = spawnSync(command, args, { cwd, env: ownEnv, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error ?? stderr}`);
}
