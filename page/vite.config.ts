// Builds the page into dist/page, from where the daemon serves it. Addresses are relative, because
// PUBLIC_URL may carry a path; nothing is inlined, because the page's policy allows nothing inline.

import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
});
