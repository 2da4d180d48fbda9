import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cwd } from 'node:process';
import { defineConfig } from 'vitest/config';

// Runs in a copy of one package. Its tests import the package by its name; here that is its source, which is mutated.
const { name, exports } = JSON.parse(readFileSync(join(cwd(), 'package.json'), 'utf8'));
const sourceOf = (/** @type {string} */ built) =>
  join(cwd(), built.replace('./dist/', 'src/').replace(/(\.d)?\.ts$|\.js$/, '.ts'));
const entries = Object.entries(exports).filter(([, target]) => typeof target === 'object');

export default defineConfig({
  resolve: {
    alias: [
      ...entries.map(([path, { types }]) => ({
        find: new RegExp(`^${name}${path.slice(1)}$`),
        replacement: sourceOf(types),
      })),
      { find: '#backend', replacement: join(cwd(), 'src/backend/node.ts') },
      { find: /^(?:\.\.\/)+dist\/(.*)\.js$/, replacement: `${join(cwd(), 'src')}/$1.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      '**/*.proof.test.ts',
      '**/public-surface.test.ts',
      '**/readme.test.ts',
      '**/bundle-size.test.ts',
      '**/examples.test.ts',
    ],
    testTimeout: 20_000,
    // As in the suite itself: to load the modules once per file takes longer than the tests.
    isolate: false,
    maxWorkers: 1,
  },
});
