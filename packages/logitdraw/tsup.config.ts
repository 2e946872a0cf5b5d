import { copyFileSync } from "node:fs";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/entry/node.ts"],
  format: ["esm", "cjs"],
  target: "es2022",
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  shims: true,
  clean: true,
  async onSuccess() {
    copyFileSync("pkg/logitdraw_wasm_bg.wasm", "dist/logitdraw.wasm");
  },
});
