import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "./test/build.ts",
    setupFiles: ["./test/setup.ts", "./test/cases.ts"],
    testTimeout: 30_000,
  },
});
