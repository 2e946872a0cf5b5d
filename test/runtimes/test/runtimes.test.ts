// The same golden draws and the same digest of many tokens on every runtime. LOGITDRAW_TOKENS says how many (`npm test -- --full`: 10^7).

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../src/program.js";
import { nativeDigest, RUNTIMES } from "../src/runtimes/index.js";
import { readVectors } from "../src/vectors.js";

const count = Number(process.env.LOGITDRAW_TOKENS ?? 100_000);

test("the native digest covers every set of options with every generator", async () => {
  const native = await nativeDigest(count);
  const { options, multinomials, generators } = readVectors("digest");
  const numbers = options.length * generators.length + multinomials.length * (generators.length - 1);
  expect(Object.keys(native.cases)).toHaveLength(numbers);
  expect(native.tokens).toBeGreaterThanOrEqual(count);
  expect(native.digest).toMatch(/^[0-9a-f]{64}$/);
});

const scalar = RUNTIMES.find(({ name }) => name === "scalar kernels");
test.skipIf(scalar?.missing !== undefined && !process.env.CI)(
  "the module of scalar kernels has no SIMD instructions, the package's has",
  () => {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    const text = (module: string) =>
      execFileSync(process.execPath, ["node_modules/binaryen/bin/wasm-dis", module], {
        cwd: root,
        encoding: "utf8",
        maxBuffer: 2 ** 30,
      });
    expect(text("test/runtimes/pkg/logitdraw_wasm_bg.wasm")).not.toContain("v128");
    expect(text("packages/logitdraw/pkg/logitdraw_wasm_bg.wasm")).toContain("v128");
  },
);

describe("draws equal to native Rust's", () => {
  for (const { name, missing, share = 1, run } of RUNTIMES) {
    // A runtime may be missing on a developer's machine, but not in CI, where every test must run.
    if (missing !== undefined && !process.env.CI) {
      test.skip(`${name} (${missing})`, () => {});
      continue;
    }
    test(name, async () => {
      expect(missing).toBeUndefined();
      const native = await nativeDigest(count * share);
      const { changed, digest }: Outcome = JSON.parse(await run(count * share));
      expect(changed).toEqual([]);
      // Case by case first, to show where they differ.
      expect(digest.cases).toEqual(native.cases);
      expect(digest).toEqual(native);
    });
  }
});
