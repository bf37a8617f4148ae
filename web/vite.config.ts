/** How the editor is built and tested. `base` is relative, because a server may stand below any path. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../ldm_nodes/server/editor",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    // The policy of the page forbids scripts within it, and a preload polyfill would be one.
    modulePreload: { polyfill: false },
  },
  // Tests read the fixtures of the Python side.
  server: { fs: { allow: [".."] } },
  // One page for all files: making one for each takes longer than the tests.
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    fileParallelism: false,
    isolate: false,
    // The contrasts of the colours are measured.
    css: { include: [/tokens\.css/] },
  },
});
