// Builds what runs: the WebAssembly module, the npm package, the command line.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setup } from "./setup.mjs";
import { ROOT, run, say } from "./steps.mjs";
import { wasmEnvironment } from "./wasm-target.mjs";

const PKG = join(ROOT, "packages/logitdraw/pkg");

export function build() {
  say("Building the WebAssembly module");
  // --mode no-install: wasm-pack would download a wasm-bindgen of its own.
  const args = ["build", "crates/logitdraw-wasm", "--target", "web", "--release", "--no-pack", "--mode", "no-install"];
  run("wasm-pack", [...args, "--out-dir", PKG], { env: wasmEnvironment() });
  // wasm-pack hides its output from git; the repository's own .gitignore does that, and npm must see it.
  rmSync(join(PKG, ".gitignore"), { force: true });
  say("Building the packages");
  run("pnpm", ["--recursive", "--if-present", "run", "build"]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  setup();
  build();
}
