// Sets everything up and runs every test. With --full, each runtime's digest is one of 10^7 tokens (an hour) instead of 10^5.

import { join } from "node:path";
import { build, buildScalar } from "./build.mjs";
import { setup } from "./setup.mjs";
import { ROOT, run, say } from "./steps.mjs";
import { testSetup } from "./test-setup.mjs";
import { wasmEnvironment } from "./wasm-target.mjs";

const WASM = ["--target=wasm32-unknown-unknown", "--locked"];

setup();
await testSetup();

say("Formatting and lint");
run("cargo", ["fmt", "--all", "--check"]);
run("cargo", ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]);
run("cargo", ["doc", "--workspace", "--no-deps", "--locked", "--quiet"], { env: { RUSTDOCFLAGS: "--deny warnings" } });
run("biome", ["ci", "."]);

// Clippy sees only the native build; the modules are built with other kernels, and with the code at their memory's boundary.
for (const name of ["logitdraw", "logitdraw-pack"]) {
  run("cargo", ["rustc", `--package=${name}`, "--lib", ...WASM, "--", "--deny", "warnings"], {
    env: wasmEnvironment(),
  });
}
// Kept apart from the build, whose flags differ.
const CARGO_TARGET_DIR = join(ROOT, "target/lint");
// Only in the release profile do panics abort.
const bindings = ["--package=logitdraw-wasm", "--lib", "--release", ...WASM];
run("cargo", ["rustc", ...bindings, "--", "--deny", "warnings", "--emit=metadata"], {
  env: { ...wasmEnvironment(), CARGO_TARGET_DIR },
});
// The fuzz targets are not part of the workspace. Building the library that drives them would take a C++ compiler; nothing here links it.
const fuzz = ["--manifest-path=crates/logitdraw/fuzz/Cargo.toml", "--bins", "--locked"];
run("cargo", ["check", ...fuzz], { env: { CARGO_TARGET_DIR, CUSTOM_LIBFUZZER_PATH: "none/libnone.a" } });

say("Tests of the crates");
run("cargo", ["test", "--workspace", "--locked"]);

say("Tests of the kernels in WebAssembly");
run("cargo", ["test", "--package=logitdraw", "--lib", ...WASM], {
  // The runner writes this path into a JavaScript file, unescaped: by default it is an absolute one, which may have an apostrophe.
  env: { ...wasmEnvironment(), WASM_BINDGEN_BENCH_RESULT: "target/wbg_benchmark.json" },
});

build();
buildScalar();

say("Types");
run("pnpm", ["--recursive", "--if-present", "run", "typecheck"]);

// Without --no-bail, pnpm would exit after a failed package and leave the next one running.
say("Tests of the packages");
run("pnpm", ["--recursive", "--no-bail", "--workspace-concurrency=1", "--if-present", "run", "test"], {
  env: process.argv.includes("--full") ? { LOGITDRAW_TOKENS: "10000000" } : {},
});
