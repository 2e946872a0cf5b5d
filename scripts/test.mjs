// Sets everything up and runs every test. --full: the digest of every runtime is one of 10^7 tokens (an hour), not of 10^5.

import { join } from "node:path";
import { testSetup } from "./browsers.mjs";
import { build, buildScalar } from "./build.mjs";
import { setup } from "./setup.mjs";
import { attempt, fail, output, ROOT, run, say } from "./steps.mjs";
import { wasmEnvironment } from "./wasm-target.mjs";

const WASM = ["--target=wasm32-unknown-unknown", "--locked"];

setup();
await testSetup();

// Of these a minimal rustup has neither: the component of rustup, and Debian's package.
for (const [tool, component, debian] of [
  ["fmt", "rustfmt", "rustfmt"],
  ["clippy", "clippy", "rust-clippy"],
]) {
  const lacks = () => output("cargo", [tool, "--version"]) === undefined;
  if (lacks()) attempt("rustup", ["component", "add", component]);
  if (lacks())
    fail(`cargo ${tool} is missing: run \`rustup component add ${component}\` (Debian: apt-get install ${debian}).`);
}

say("Formatting and lint");
run("cargo", ["fmt", "--all", "--check"]);
run("cargo", ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]);
run("cargo", ["doc", "--workspace", "--no-deps", "--locked", "--quiet"], { env: { RUSTDOCFLAGS: "--deny warnings" } });
run("biome", ["ci", "."]);

// Clippy sees the native build; the modules are built of other kernels, and of what stands at their memory's boundary.
for (const name of ["logitdraw", "logitdraw-pack"]) {
  run("cargo", ["rustc", `--package=${name}`, "--lib", ...WASM, "--", "--deny", "warnings"], {
    env: wasmEnvironment(),
  });
}
// Apart from what is built, whose flags are others.
const CARGO_TARGET_DIR = join(ROOT, "target/lint");
// Only the release profile has its panics abort.
const bindings = ["--package=logitdraw-wasm", "--lib", "--release", ...WASM];
run("cargo", ["rustc", ...bindings, "--", "--deny", "warnings", "--emit=metadata"], {
  env: { ...wasmEnvironment(), CARGO_TARGET_DIR },
});
// No part of the workspace. The library that drives them would be built with a C++ compiler; nothing here links it.
const fuzz = ["--manifest-path=crates/logitdraw/fuzz/Cargo.toml", "--bins", "--locked"];
run("cargo", ["check", ...fuzz], { env: { CARGO_TARGET_DIR, CUSTOM_LIBFUZZER_PATH: "none/libnone.a" } });

say("Tests of the crates");
run("cargo", ["test", "--workspace", "--locked"]);

say("Tests of the kernels in WebAssembly");
run("cargo", ["test", "--package=logitdraw", "--lib", ...WASM], { env: wasmEnvironment() });

build();
buildScalar();

say("Types");
run("pnpm", ["--recursive", "--if-present", "run", "typecheck"]);

// Without --no-bail pnpm would leave the package after a failed one running behind a command that has ended.
say("Tests of the packages");
run("pnpm", ["--recursive", "--no-bail", "--workspace-concurrency=1", "--if-present", "run", "test"], {
  env: process.argv.includes("--full") ? { LOGITDRAW_TOKENS: "10000000" } : {},
});
