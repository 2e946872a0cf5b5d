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
  // Each entry is one file: bundlers would drop a shared one together with its side effect, which sets where the module's bytes are.
  splitting: false,
  clean: true,
  // The types of node.ts and workerd.ts are the same as those of index.
  dts: {
    entry: { index: "src/entry/embedded.ts", slim: "src/entry/slim.ts" },
    banner: '/// <reference lib="esnext.disposable" />',
  },
  external: ["./logitdraw.wasm"],
  // Minified, since a process parses it before its first token. Names stay, to keep stack traces readable.
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    // Short lines, since Node prints the one in which an error is thrown. (Long texts are broken as well; measured, they load as fast.)
    options.lineLimit = 160;
    // Removes what the bindings contain and nobody uses: the objects of enumerations, a warning about an old way to call them, and `using`
    // for their classes, which never leave the package (disposal.ts has it for those that do).
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
