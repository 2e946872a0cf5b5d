import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "./test/build.ts",
    setupFiles: "../logitdraw/test/cases.ts",
    testTimeout: 30_000,
  },
});
