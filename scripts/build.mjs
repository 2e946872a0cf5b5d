// Builds the WebAssembly module, the npm package and the command line.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stamped, stampOf } from "../packages/logitdraw/stamp.mjs";
import { blankPlaces } from "./blank-places.mjs";
import { nameFunctions } from "./name-functions.mjs";
import { setup } from "./setup.mjs";
import { shortenExports } from "./short-exports.mjs";
import { fail, isProgram, ROOT, run, say } from "./steps.mjs";
import { trimGlue } from "./trim-glue.mjs";
import { wasmEnvironment } from "./wasm-target.mjs";

const PKG = join(ROOT, "packages/logitdraw/pkg");

/** Strips what no engine reads. The features that a module says it uses are for wasm-opt, and are needed until its last run. */
const STRIP = ["--strip-debug", "--strip-producers", "--strip-target-features"];

export function build() {
  say("Building the WebAssembly module");
  wasmPack(PKG, wasmEnvironment());
  shrink(join(PKG, "logitdraw_wasm_bg.wasm"));
  say("Writing its text for web pages");
  pack();
  say("Building the packages");
  run("pnpm", ["--recursive", "--if-present", "run", "build"]);
}

/** Builds the module again, with the kernels that need no SIMD: the tests of the runtimes compare the two. */
export function buildScalar() {
  say("Building the WebAssembly module without SIMD, for the tests");
  // These flags replace those of .cargo/config.toml. The module uses the other one's glue, so both have to declare the same features.
  const features = "bulk-memory,bulk-memory-opt,mutable-globals,sign-ext,nontrapping-fptoint,multivalue";
  const flags = ["opt-level=s", `link-arg=--features=${features}`, "link-arg=--no-check-features"];
  const env = { RUSTFLAGS: flags.map((flag) => `-C ${flag}`).join(" "), CARGO_TARGET_DIR: join(ROOT, "target/scalar") };
  // wasm-opt does not run: that it changes no draws is part of what the tests compare.
  const out = join(ROOT, "test/runtimes/pkg");
  wasmPack(out, { ...wasmEnvironment(), ...env });
  const glue = (folder) => readFileSync(join(folder, "logitdraw_wasm.js"), "utf8");
  if (glue(out) !== glue(PKG)) fail("The module without SIMD needs other glue than the one with it.");
  const file = join(out, "logitdraw_wasm_bg.wasm");
  // The module with SIMD gets its stamp from tsup.config.ts, on its way into dist.
  writeFileSync(file, stamped(readFileSync(file), stampOf(PKG)));
}

function wasmPack(out, env) {
  // Without --mode no-install, wasm-pack would download its own wasm-bindgen.
  const args = ["build", "crates/logitdraw-wasm", "--target", "web", "--release", "--no-pack", "--mode", "no-install"];
  run("wasm-pack", [...args, "--out-dir", out, "--", "--locked"], { env });
  // wasm-pack hides its output with a .gitignore; the repository's own does that for git, and npm must see the output.
  rmSync(join(out, ".gitignore"), { force: true });
  trimGlue(out);
  shortenExports(out);
}

/** Optimises a module, leaves out what nothing reads, and puts functions in an order that compresses well. */
function shrink(file) {
  const module = readFileSync(file);
  blankPlaces(module);
  // The names only serve the order: STRIP removes them in the same run.
  writeFileSync(file, nameFunctions(module));
  // --low-memory-unused: the stack comes first in memory, and its last kilobyte is never reached.
  const passes = ["-Os", "--converge", "--low-memory-unused", "--reorder-functions-by-name", ...STRIP];
  run("wasm-opt", [file, ...passes, "--output", file]);
}

/** Writes the module's text for web pages, and builds the small module that reads it (crates/pack). */
function pack() {
  const cargo = (command, env, ...words) =>
    run("cargo", [command, "--release", "--locked", "--package=logitdraw-pack", ...words], { env });
  // The crate is a cdylib only here, because cargo skips link-time optimisation for a crate that is both a cdylib and a library. With the
  // flags of .cargo/config.toml, which these replace, the module would take half as long again.
  const env = {
    ...wasmEnvironment(),
    RUSTFLAGS: "-C opt-level=s -C llvm-args=-inline-threshold=5",
    CARGO_TARGET_DIR: join(ROOT, "target/unpack"),
  };
  cargo("rustc", env, "--lib", "--crate-type=cdylib", "--target=wasm32-unknown-unknown");
  const built = join(ROOT, "target/unpack/wasm32-unknown-unknown/release/logitdraw_pack.wasm");
  run("wasm-opt", [built, "--remove-exports=__*", "-Oz", "--converge", ...STRIP, "--output", join(PKG, "unpack.wasm")]);
  const module = join(PKG, "logitdraw_wasm_bg");
  cargo("run", {}, "--", `${module}.wasm`, `${module}.txt`);
}

if (isProgram(import.meta.url)) {
  setup();
  build();
  if (process.argv.includes("--scalar")) buildScalar();
}
