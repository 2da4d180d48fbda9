import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Tests start servers and processes of their own, some of them several.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
