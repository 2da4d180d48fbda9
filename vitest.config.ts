import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const foldersIn = (parent: string) => readdirSync(parent).map((name) => `${parent}/${name}`);
const roots = [...foldersIn('packages'), ...foldersIn('apps'), 'tests'];

/** Returns the file that sets up what all tests of a project share, if the project has one. */
const globalSetupOf = (root: string) => [resolve(root, 'test/support/global-setup.ts')].filter(existsSync);

/** Each folder is a project, named after the folder. */
export default defineConfig({
  test: {
    // Test files share the modules of their worker: to load them once per file takes as long as the tests.
    isolate: false,
    maxWorkers: availableParallelism(),
    // Generous, so that a busy machine fails no test: real servers and processes take the time they take.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: roots.map((root) => ({
      extends: true,
      test: { root, name: basename(root), globalSetup: globalSetupOf(root) },
    })),
  },
});
