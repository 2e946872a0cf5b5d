// Installs everything that a machine with Node, npm, rustup's cargo and a C compiler still lacks. Each step says what it does; a second
// call repeats no step that is done.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, isProgram, once, output, ROOT, run, say, TOOLS } from "./steps.mjs";
import { wasmTarget } from "./wasm-target.mjs";

/** The command line tool must have the crate's version. */
const WASM_BINDGEN = found("crates/logitdraw-wasm/Cargo.toml", /^wasm-bindgen = .*"=([\d.]+)"/m);
const RUST = found("Cargo.toml", /^rust-version = "([\d.]+)"/m);
const WASM_PACK = "0.15.1";

export function setup() {
  checkMachine();
  pnpm();
  packages();
  wasmTarget();
  cargoTool("wasm-bindgen-cli", "wasm-bindgen", WASM_BINDGEN);
  cargoTool("wasm-pack", "wasm-pack", WASM_PACK);
}

function checkMachine() {
  if (process.platform === "win32") fail("Windows is not supported here: use the Windows Subsystem for Linux.");
  const [major, minor] = process.versions.node.split(".").map(Number);
  // Node 21, and 22 before 22.12, lack what the bundlers of the tests need.
  if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12)) {
    fail(
      `Node ${process.versions.node} does not do: install Node 20.19 or later, or 22.12 or later (https://nodejs.org).`,
    );
  }
  if (output("cargo", ["--version"]) === undefined)
    fail("cargo is missing: install Rust with rustup (https://rustup.rs).");
  const [, rustc] = output("rustc", ["--version"])?.match(/^rustc (\d+\.\d+)/) ?? [];
  if (rustc === undefined || Number(rustc.slice(2)) < Number(RUST.slice(2)))
    fail(`Rust ${rustc ?? "(rustc is missing)"} is too old: install ${RUST} or newer (\`rustup update\`).`);
  if (output("cc", ["--version"]) === undefined) {
    fail(
      "A C compiler is missing: install one (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install).",
    );
  }
}

function found(file, line) {
  return readFileSync(join(ROOT, file), "utf8").match(line)[1];
}

function pnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const prefix = join(TOOLS, "pnpm");
  once("pnpm", packageManager, join(prefix, "node_modules/.bin/pnpm"), () => {
    say(`Installing ${packageManager}`);
    mkdirSync(TOOLS, { recursive: true });
    run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", prefix, packageManager], { cwd: TOOLS });
  });
}

function packages() {
  const lock = readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8");
  // pnpm leaves out optional packages that this Node cannot run, so that another Node may need others.
  const key = `${lock}\n# Node ${process.versions.node}\n`;
  once("packages", key, join(ROOT, "node_modules/.modules.yaml"), () => {
    say("Installing the JavaScript packages");
    run("pnpm", ["install", "--frozen-lockfile"]);
  });
}

function cargoTool(name, command, version) {
  const isThere = () => output(command, ["--version"])?.split(" ").at(-1) === version;
  if (isThere()) return;
  say(`Building ${name} ${version} (a few minutes, once)`);
  // --force: what is there, if anything, is another version or does not run.
  run("cargo", ["install", "--force", "--locked", "--root", TOOLS, `${name}@${version}`]);
  if (!isThere()) fail(`${command} was built, but does not run as version ${version}.`);
}

if (isProgram(import.meta.url)) {
  setup();
  say("Everything is set up.");
}
