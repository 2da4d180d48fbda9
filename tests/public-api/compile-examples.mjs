import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from 'test-support/published-packages';

/**
 * A TypeScript module in a docstring or a document.
 *
 * @typedef {object} Example
 * @property {string} packageName The package whose dependencies it may import.
 * @property {string} title Where it is; becomes the name of a file.
 * @property {string} code
 */

const repository = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');

/**
 * Type-checks all examples in one program against the built packages, by the rules of this repository except those about
 * unused names. Returns the complaints of the compiler.
 *
 * @param {readonly Example[]} examples
 */
export function compileExamples(examples) {
  const folders = new Map(publishedPackages.map(({ name, folder }) => [name, examplesFolderOf(folder)]));
  for (const folder of folders.values()) mkdirSync(folder, { recursive: true });
  const files = examples.map(({ packageName, title, code }) => {
    const file = join(folders.get(packageName) ?? '', `${title.replaceAll(/[^\w.-]+/g, '-')}.mts`);
    // An example is a module, also without imports.
    writeFileSync(file, `${code}\nexport {};\n`);
    return file;
  });
  const project = join(examplesFolderOf(new URL('..', import.meta.url)), 'tsconfig.json');
  mkdirSync(join(project, '..'), { recursive: true });
  writeFileSync(
    project,
    JSON.stringify({ extends: join(repository, 'tsconfig.base.json'), compilerOptions, files }),
  );
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], {
    cwd: repository,
    encoding: 'utf8',
  });
  for (const folder of folders.values()) rmSync(folder, { recursive: true });
  const complaints = stdout.split('\n').filter((line) => line !== '');
  if (status !== 0 && complaints.length === 0) complaints.push(`tsc ended with ${status}`);
  return complaints.map((line) => line.replaceAll(/node_modules\/\.cache\/examples\//g, ''));
}

/**
 * Where imports resolve as in the package, and nothing is committed.
 *
 * @param {URL} packageFolder
 */
function examplesFolderOf(packageFolder) {
  return fileURLToPath(new URL('node_modules/.cache/examples', packageFolder));
}

/** A package does not find itself from a folder below `node_modules`. */
const paths = Object.fromEntries(
  publishedPackages.flatMap(({ folder, entryPoints }) =>
    entryPoints.map(({ specifier, targets }) => [
      specifier,
      [fileURLToPath(new URL(targets['types'] ?? '', folder))],
    ]),
  ),
);

const compilerOptions = {
  paths,
  noEmit: true,
  composite: false,
  declaration: false,
  declarationMap: false,
  isolatedDeclarations: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
};
