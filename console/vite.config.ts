import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where a manager runs while the console is being worked on (`vite console`). */
const MANAGER = process.env.GATEWRIGHT_SERVER ?? 'http://127.0.0.1:9000';

/** The console's build. index.html is a template: the manager puts a nonce of its own into every answer (console.md §12.9). */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Fonts and icons stay files: data: URLs would need a wider content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What is loaded first is held by a test, compressed; this warning counts otherwise.
    chunkSizeWarningLimit: 1000,
    // Says which files belong to the first load, for the test of the budgets.
    manifest: true,
  },
  server: { proxy: { '/api': MANAGER } },
});
