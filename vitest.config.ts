import { defineConfig } from 'vitest/config';

/** Each folder is a project of its own, named after its package. */
export default defineConfig({
  test: { projects: ['packages/*', 'apps/*', 'tests'] },
});
