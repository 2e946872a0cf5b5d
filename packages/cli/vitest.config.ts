import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "./test/build.ts",
    setupFiles: "./test/setup.ts",
    testTimeout: 5 * 60_000,
    hookTimeout: 5 * 60_000,
  },
});
