// Runs mutation tests: changes the source of a package bit by bit, and shows which changes no test notices.
//
//   pnpm test:mutation [package[/folder]...]     default: core, jwt, registry and verifier
//
// With a folder, changes only what is in it, such as verifier/first-generation. Prints the survivors, and the score. Exits with
// 0 if the run itself worked: survivors are for a person to judge, because some change nothing that can be observed.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { argv, chdir, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));
const targets = argv.length > 2 ? argv.slice(2) : ['core', 'jwt', 'registry', 'verifier'];

for (const target of targets) {
  const [name = '', ...path] = target.split('/');
  const folder = join(packages, name.startsWith('agent-identity-') ? name : `agent-identity-${name}`);
  if (!existsSync(join(folder, 'src', ...path))) {
    stdout.write(`There is no ${target}.\n`);
    exit(2);
  }
  chdir(folder);
  // Tests find vectors and pages by a path that is as long in Stryker's copy of the package.
  const cache = join(folder, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  for (const linked of ['docs', 'tests']) {
    rmSync(join(cache, linked), { force: true });
    symlinkSync(join(packages, '..', linked), join(cache, linked));
  }
  const results = await new Stryker({
    testRunner: 'vitest',
    plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
    vitest: { configFile: fileURLToPath(new URL('vitest.config.mjs', import.meta.url)) },
    mutate: [['src', ...path, '**/*.ts'].join('/'), '!src/**/index.ts'],
    // Texts of errors are tested where programs depend on them; codes always are.
    mutator: { excludedMutations: ['StringLiteral'] },
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: 2,
    // Generous: on a busy machine, a test that is slow is not one that notices.
    timeoutMS: 30_000,
    reporters: ['progress-append-only'],
    checkers: [],
    symlinkNodeModules: true,
    // Vite needs none, and Stryker cannot read them with TypeScript 7.
    tsconfigFile: 'none',
    ignorePatterns: ['**/tsconfig.json', '**/*.tsbuildinfo'],
    tempDirName: join('node_modules', '.cache', 'mutation'),
    disableTypeChecks: false,
    allowEmpty: false,
  }).runMutationTest();
  report(target, results);
  for (const linked of ['docs', 'tests']) rmSync(join(cache, linked));
  rmSync(join(folder, 'reports'), { recursive: true, force: true });
}

/**
 * @param {string} name
 * @param {readonly import('@stryker-mutator/api/core').MutantResult[]} results
 */
function report(name, results) {
  const survivors = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const killed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  for (const { fileName, location, mutatorName, replacement, status } of survivors) {
    const change = replacement?.replaceAll(/\s+/g, ' ').slice(0, 80);
    stdout.write(`${fileName}:${location.start.line + 1} ${status} ${mutatorName}: ${change}\n`);
  }
  stdout.write(`${name}: ${killed} of ${killed + survivors.length} changes noticed\n`);
}
