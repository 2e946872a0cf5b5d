import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "tsup";
import { stamped, stampOf } from "./stamp.mjs";

const WASM = "pkg/logitdraw_wasm_bg.wasm";
const STAMP = stampOf("pkg");

/** A long text in one piece, which is read faster than many, on a line that ends with it. */
const unbroken = (text: string) => `${text.replaceAll("\\\n", "")}\n`;

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
    // Node prints the line in which an error is thrown: a short one, please, and not that of the module's text.
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
    for (const name of readdirSync("dist").filter((name) => /\.c?js$/.test(name))) {
      const file = join("dist", name);
      writeFileSync(file, readFileSync(file, "utf8").replace(/"(?:[^"\\\n]|\\\n){9999,}",?;?/g, unbroken));
    }
    writeFileSync("dist/logitdraw.wasm", stamped(readFileSync(WASM), STAMP));
  },
});
