import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** `npm run build:workbench`: one page, without anything from elsewhere. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, so that the page also works below a path of somebody's own server.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/workbench', import.meta.url)),
    emptyOutDir: true,
    target: 'es2024',
    // Its polyfill would fetch, which the page's own policy forbids.
    modulePreload: false,
    license: { fileName: 'licenses.md' },
  },
});
