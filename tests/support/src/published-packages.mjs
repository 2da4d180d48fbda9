import { readdirSync, readFileSync } from 'node:fs';

/**
 * An entry point of a package: the name to import, such as `agent-identity-core/wire`, and its files by condition.
 *
 * @typedef {{ specifier: string, targets: Record<string, string> }} EntryPoint
 */

const packagesFolder = new URL('../../../packages/', import.meta.url);

/** The packages of this repository that are published, with the entry points that are modules. */
export const publishedPackages = readdirSync(packagesFolder).flatMap((name) => {
  const folder = new URL(`${name}/`, packagesFolder);
  const { private: isPrivate, exports = {} } = JSON.parse(
    readFileSync(new URL('package.json', folder), 'utf8'),
  );
  return isPrivate ? [] : [{ name, folder, entryPoints: entryPointsOf(name, exports) }];
});

/**
 * @param {string} name
 * @param {Record<string, string | Record<string, string>>} exports
 * @returns {EntryPoint[]}
 */
function entryPointsOf(name, exports) {
  return Object.entries(exports).flatMap(([path, targets]) =>
    typeof targets === 'string' ? [] : [{ specifier: `${name}${path.slice(1)}`, targets }],
  );
}
