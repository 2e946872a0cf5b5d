import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "../../packages/logitdraw/test/build.ts",
    // Lists tests by name, so that skipped ones are seen.
    reporters: ["verbose"],
    fileParallelism: false,
    testTimeout: 30 * 60_000,
  },
});
