import { defineConfig } from 'vite';

export default defineConfig({
  // The pages work below any path.
  base: './',
  root: 'app',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/pages',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['app/index.html', 'app/inspector.html'] },
  },
});
