import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "./src/install.ts",
    reporters: ["verbose"],
    fileParallelism: false,
    testTimeout: 5 * 60_000,
  },
});
