// Sets everything up and runs every test.

import { build } from "./build.mjs";
import { setup } from "./setup.mjs";
import { run, say } from "./steps.mjs";
import { wasmEnvironment } from "./wasm-target.mjs";

setup();

say("Formatting and lint");
run("cargo", ["fmt", "--all", "--check"]);
run("cargo", ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]);
run("cargo", ["doc", "--workspace", "--no-deps", "--locked", "--quiet"], { env: { RUSTDOCFLAGS: "--deny warnings" } });
run("biome", ["ci", "."]);

say("Tests of the crates");
run("cargo", ["test", "--workspace", "--locked"]);

say("Tests of the kernels in WebAssembly");
run("cargo", ["test", "--package=logitdraw", "--lib", "--target=wasm32-unknown-unknown", "--locked"], {
  env: wasmEnvironment(),
});

build();

say("Types");
run("pnpm", ["--recursive", "--if-present", "run", "typecheck"]);

say("Tests of the packages");
run("pnpm", ["--recursive", "--workspace-concurrency=1", "--if-present", "run", "test"]);
