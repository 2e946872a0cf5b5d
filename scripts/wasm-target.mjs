// The compiler that builds for WebAssembly. Tried in order: the target is there; rustup can add it; Debian's packages build it.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fail, output, ROOT, run, say } from "./steps.mjs";

const TARGET = "wasm32-unknown-unknown";
const DEBIAN = "/usr/bin/rustc";
const PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/** Whether a compiler has the target's standard library, libtest included: an earlier version of these scripts left that out. */
function has(rustc) {
  const sysroot = output(rustc, ["--print", "sysroot"]);
  if (sysroot === undefined) return false;
  const libraries = join(sysroot, "lib/rustlib", TARGET, "lib");
  return existsSync(libraries) && readdirSync(libraries).some((file) => file.startsWith("libtest-"));
}

/** What to set so that cargo builds for WebAssembly, once `wasmTarget` has run. */
export function wasmEnvironment() {
  if (has("rustc")) return {};
  return has(DEBIAN) ? { RUSTC: DEBIAN } : {};
}

export function wasmTarget() {
  if (has("rustc")) return;
  if (output("rustup", ["--version"]) !== undefined && !existsSync(DEBIAN)) {
    say(`Adding the target ${TARGET} with rustup`);
    if (output("rustup", ["target", "add", TARGET]) !== undefined && has("rustc")) return;
  }
  if (has(DEBIAN)) return;
  if (output("apt-get", ["--version"]) === undefined) {
    fail(
      `The target ${TARGET} is missing and rustup could not add it: run \`rustup target add ${TARGET}\` where it can download.`,
    );
  }
  say(`rustup could not add ${TARGET}; installing Debian's compiler for it (170 MB)`);
  const root = process.getuid?.() === 0 ? [] : ["sudo"];
  const apt = (...args) => run([...root, "apt-get"][0], [...root, "apt-get", ...args].slice(1));
  apt("update", "-q");
  apt("install", "-y", "-q", "--no-install-recommends", ...PACKAGES);
  say("Building Rust's standard library for WebAssembly (a minute)");
  const [command, ...args] = [...root, "bash", join(ROOT, "scripts/wasm32-sysroot.sh")];
  run(command, args);
  if (!has(DEBIAN)) fail(`Debian's compiler has no ${TARGET} after all.`);
}
