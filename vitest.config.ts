import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';

const foldersIn = (parent: string) => readdirSync(parent).map((name) => `${parent}/${name}`);
const roots = [...foldersIn('packages'), ...foldersIn('apps'), 'tests'];

/** Each folder is a project of its own, named after its package, with a configuration of its own if it has one. */
export default defineConfig({
  test: {
    // Generous, so that a busy machine fails no test: real servers and processes take the time they take.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: roots.map((root) =>
      existsSync(`${root}/vitest.config.ts`) ? root : { extends: true, test: { root, name: basename(root) } },
    ),
  },
});
