import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['./test/support/global-setup.ts'],
    // Tests start servers, databases and processes of their own, some of them several.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
