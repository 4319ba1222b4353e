import { defineConfig } from "vitest/config";
import { svelte } from "@sveltejs/vite-plugin-svelte";

// The bundle is committed and served under a strict policy: no inline code, no hashes, no source maps,
// and templates built node by node (`fragments: "tree"`) because Trusted Types forbid innerHTML.
export default defineConfig({
  base: "./",
  plugins: [svelte({ compilerOptions: { runes: true, fragments: "tree" } })],
  build: {
    outDir: "../cowise/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    sourcemap: false,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        entryFileNames: "app.js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8765" } },
  test: { include: ["src/**/*.test.ts", "tests/**/*.test.ts"], environment: "node" },
});
