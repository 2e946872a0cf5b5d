// Provides a compiler for WebAssembly. Tried in order: the target is there; rustup can add it; Debian's packages build it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, attemptAsRoot, fail, installFromDebian, isDebian, output, ROOT, say } from "./steps.mjs";

const TARGET = "wasm32-unknown-unknown";
const DEBIAN = "/usr/bin/rustc";
const SYSROOT_SCRIPT = join(ROOT, "scripts/wasm32-sysroot.sh");
const PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/** Whether a compiler has the target's standard library, libtest included, which is copied last. */
function has(rustc) {
  const sysroot = output(rustc, ["--print", "sysroot"]);
  if (sysroot === undefined) return false;
  const libraries = join(sysroot, "lib/rustlib", TARGET, "lib");
  if (!existsSync(libraries) || !readdirSync(libraries).some((file) => file.startsWith("libtest-"))) return false;
  // Written by the script for Debian, whose compiler may have been upgraded since.
  const madeBy = join(libraries, "made-by");
  return !existsSync(madeBy) || readFileSync(madeBy, "utf8").trim() === output(rustc, ["-vV"]);
}

/** Returns the environment in which cargo builds for WebAssembly, once `wasmTarget` has run. */
export function wasmEnvironment() {
  if (has("rustc")) return {};
  return has(DEBIAN) ? { RUSTC: DEBIAN } : {};
}

export function wasmTarget() {
  if (has("rustc") || has(DEBIAN)) return;
  const rustup = output("rustup", ["--version"]) !== undefined;
  if (rustup) {
    say(`Adding the target ${TARGET} with rustup`);
    if (attempt("rustup", ["target", "add", TARGET]) && has("rustc")) return;
  }
  const reason = rustup
    ? `rustup could not add the target ${TARGET}`
    : `The target ${TARGET} is missing, and so is rustup`;
  if (!isDebian()) {
    fail(
      `${reason}: install rustup (https://rustup.rs), and run \`rustup target add ${TARGET}\` where it can download.`,
    );
  }
  say(`${reason}: installing Debian's compiler for it (170 MB)`);
  if (!installFromDebian(...PACKAGES)) {
    fail(`Debian's compiler for ${TARGET} could not be installed (${PACKAGES.join(", ")}).`);
  }
  say("Building Rust's standard library for WebAssembly (a minute)");
  if (!attemptAsRoot("bash", SYSROOT_SCRIPT) || !has(DEBIAN)) fail(`Debian's compiler has no ${TARGET} after all.`);
}
