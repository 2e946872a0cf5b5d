// Installs everything that a machine with Node, npm, rustup's cargo and a C compiler still lacks. Each step says what it does; a second
// call repeats no step that is done.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { attempt, fail, isProgram, once, output, ROOT, run, say, TOOLS } from "./steps.mjs";
import { wasmTarget } from "./wasm-target.mjs";

/** The command line tool must have the crate's version. */
const WASM_BINDGEN = found("crates/logitdraw-wasm/Cargo.toml", /^wasm-bindgen = .*"=([\d.]+)"/m);
const WASM_PACK = "0.15.1";
/** What these tools ask for; the crate itself is content with less. */
const RUST = "1.91";

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
      `Node ${process.versions.node} is not supported: install Node 20.19 (or a later 20) or 22.12 or later (https://nodejs.org).`,
    );
  }
  if (output("cargo", ["--version"]) === undefined) {
    // Shows what rustup says about it.
    if (output("rustup", ["--version"]) !== undefined && !attempt("cargo", ["--version"])) {
      fail(
        "cargo does not start: no toolchain (run `rustup default stable`), or RUSTUP_TOOLCHAIN names one that is missing.",
      );
    }
    fail("cargo is missing: install Rust with rustup (https://rustup.rs).");
  }
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
  const isThere = () => existsSync(join(prefix, "node_modules/.bin/pnpm"));
  once("pnpm", packageManager, isThere, () => {
    say(`Installing ${packageManager}`);
    mkdirSync(TOOLS, { recursive: true });
    run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", prefix, packageManager], { cwd: TOOLS });
  });
}

function packages() {
  const inner = ["packages", "test"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => join(folder, name)),
  );
  const folders = [".", ...inner].filter((folder) => existsSync(join(ROOT, folder, "package.json")));
  const read = (file) => readFileSync(join(ROOT, file), "utf8");
  // pnpm leaves out optional packages that this Node or machine cannot run: others may need others.
  const machine = `${process.version} ${process.platform} ${process.arch}`;
  const key = [
    machine,
    read("pnpm-workspace.yaml"),
    ...folders.map((folder) => read(join(folder, "package.json"))),
  ].join("\n");
  // pnpm keeps the lock file of what it has installed.
  const installed = "node_modules/.pnpm/lock.yaml";
  const isThere = () =>
    existsSync(join(ROOT, installed)) &&
    read(installed) === read("pnpm-lock.yaml") &&
    unfetched().length === 0 &&
    folders.every((folder) => existsSync(join(ROOT, folder, "node_modules")) || !hasDependencies(folder));
  once("packages", key, isThere, () => {
    say("Installing the JavaScript packages");
    // Whatever the user's own settings leave out by default.
    run("pnpm", ["install", "--frozen-lockfile", "--prod=false", "--optional"]);
    if (unfetched().length > 0) say(`Could not be fetched, which the next call tries again: ${unfetched().join(", ")}`);
  });
}

/** Returns the optional packages (a bundler's binary, say) that could not be fetched: pnpm says nothing, and leaves their folders empty. */
function unfetched() {
  const store = join(ROOT, "node_modules/.pnpm");
  return readdirSync(store).filter((folder) => {
    const [name] = folder.match(/^(@[^+]+\+)?[^@]+(?=@)/) ?? [];
    return (
      name !== undefined && !existsSync(join(store, folder, "node_modules", name.replace("+", "/"), "package.json"))
    );
  });
}

function hasDependencies(folder) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
  return dependencies !== undefined || devDependencies !== undefined;
}

function cargoTool(name, command, version) {
  const isThere = () => output(command, ["--version"])?.split(" ").at(-1) === version;
  if (isThere()) return;
  say(`Building ${name} ${version} (a few minutes, once)`);
  // --force: what is there, if anything, is another version or does not run.
  // Kept until it is done, so that a call that is interrupted goes on where it was.
  const target = join(TOOLS, "build");
  run("cargo", ["install", "--force", "--locked", "--root", TOOLS, "--target-dir", target, `${name}@${version}`]);
  rmSync(target, { recursive: true, force: true });
  if (!isThere()) fail(`${command} was built, but does not run as version ${version}.`);
}

if (isProgram(import.meta.url)) {
  setup();
  say("Everything is set up.");
}
