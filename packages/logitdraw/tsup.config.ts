import { readFileSync, writeFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { stamped, stampOf } from "./stamp.mjs";

const WASM = "pkg/logitdraw_wasm_bg.wasm";
const STAMP = stampOf("pkg");

export default defineConfig({
  entry: {
    index: "src/entry/embedded.ts",
    node: "src/entry/node.ts",
    workerd: "src/entry/workerd.ts",
    slim: "src/entry/slim.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  // Each entry is one file: a shared one would be dropped with its side effect, the way to the bytes.
  splitting: false,
  clean: true,
  // Those of node.ts and workerd.ts are the same as those of index.
  dts: {
    entry: { index: "src/entry/embedded.ts", slim: "src/entry/slim.ts" },
    banner: '/// <reference lib="esnext.disposable" />',
  },
  external: ["./logitdraw.wasm"],
  // What a process parses before its first token. Names stay: stack traces are to be read.
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    // Node prints the line in which an error is thrown. (Texts are broken too; measured, they are read as fast.)
    options.lineLimit = 160;
    // What the bindings bring and nobody uses: enumerations but for their numbers, a warning of an old way to call them, and `using`
    // for their classes, which never leave the package (disposal.ts has that of those that do).
    options.pure = ["Object.freeze"];
    options.drop = ["console"];
    options.define = { ...options.define, "Symbol.dispose": "undefined", STAMP: JSON.stringify(STAMP) };
  },
  esbuildPlugins: [
    {
      // "?base64" or "?hex"
      name: "embed a module as text",
      setup(build) {
        build.onLoad({ filter: /\.wasm$/ }, ({ path, suffix }) => {
          return { contents: readFileSync(path, suffix.slice(1) as BufferEncoding), loader: "text" };
        });
      },
    },
  ],
  async onSuccess() {
    writeFileSync("dist/logitdraw.wasm", stamped(readFileSync(WASM), STAMP));
  },
});
