import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'tests'].map((root) => ({ extends: true, test: { root } })),
  },
});
