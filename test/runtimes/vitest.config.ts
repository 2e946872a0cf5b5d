import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "../../packages/logitdraw/test/build.ts",
    // By name, so that what was skipped is seen.
    reporters: ["verbose"],
    fileParallelism: false,
    testTimeout: 30 * 60_000,
  },
});
