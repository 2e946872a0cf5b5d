// How the scripts print messages and run commands. Uses only what Node itself has: nothing is installed yet when this runs.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Where the scripts install tools for this checkout alone. */
export const TOOLS = join(ROOT, ".tools");

/** Whether a script is the one that node was started with, by whatever path. */
export const isProgram = (url) => fileURLToPath(url) === realpathSync(process.argv[1]);

const bold = (text) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

/** Settings of a user's environment that would replace the flags, targets and folders on which the build relies. */
const OVERRIDES = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR"];

/** The environment of every command that is run: our tools come first in PATH. */
export const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OVERRIDES.includes(name))),
  PATH: [
    join(TOOLS, "bin"),
    join(ROOT, "node_modules/.bin"),
    join(TOOLS, "pnpm/node_modules/.bin"),
    process.env.PATH,
  ].join(delimiter),
};

/** Says what is being done. */
export function say(text) {
  console.log(bold(`▸ ${text}`));
}

/** Says what the user has to do first, and ends the script. */
export function fail(text) {
  console.error(`\n${bold("✗")} ${text}`);
  process.exit(1);
}

/** Runs a command and shows its output; ends the script if it fails. */
export function run(command, args, options) {
  const { status, signal, error } = spawned(command, args, options);
  if (error?.code === "ENOENT") fail(`${command} is not installed.`);
  if (status !== 0) fail(`${command} ${args.join(" ")} failed (${signal ?? `exit code ${status}`}).`);
}

/** Runs a command and shows its output; returns whether it succeeded. */
export function attempt(command, args, options) {
  return spawned(command, args, options).status === 0;
}

/** Runs a command as root, with sudo if necessary; returns whether it succeeded. */
export function attemptAsRoot(...words) {
  const root = process.getuid?.() === 0;
  if (!root && output("sudo", ["--version"]) === undefined) {
    say(`sudo is missing: install it, or run \`${words.join(" ")}\` as root and start again.`);
    return false;
  }
  // sudo does not pass on the environment by default.
  const [command, ...args] = [...(root ? [] : ["sudo"]), "env", "DEBIAN_FRONTEND=noninteractive", ...words];
  return attempt(command, args);
}

let listsUpdated = false;

/** Installs packages of Debian's; returns whether it succeeded. */
export function installFromDebian(...packages) {
  // The lists may be current even if updating them fails: what counts is whether an installation works.
  if (!listsUpdated) attemptAsRoot("apt-get", "update", "-q");
  listsUpdated = true;
  return attemptAsRoot("apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages);
}

/** Whether the system has Debian's package manager. */
export const isDebian = () => output("apt-get", ["--version"]) !== undefined;

function spawned(command, args, { cwd = ROOT, env = {} } = {}) {
  return spawnSync(command, args, { cwd, env: { ...environment, ...env }, stdio: ["ignore", "inherit", "inherit"] });
}

/** Returns what a command prints, or undefined if it fails or does not exist. */
export function output(command, args, env = {}) {
  try {
    return execFileSync(command, args, {
      cwd: ROOT,
      env: { ...environment, ...env },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}

/** Runs a step, unless it was done before with the same `key` (versions, contents of files) and what it makes `isThere`. */
export function once(name, key, isThere, step) {
  const stamp = join(TOOLS, "done", name);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === key && isThere()) return;
  // A step that is interrupted has not been done.
  rmSync(stamp, { force: true });
  step();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
}

/** Rewrites a text file. */
export function edit(file, change) {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}
