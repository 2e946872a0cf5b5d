// How the scripts talk and run things. Only what Node itself has: nothing is installed yet when this runs.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** What the scripts install for this checkout alone. */
export const TOOLS = join(ROOT, ".tools");

/** Whether a script is what node was started with, by whichever path. */
export const isProgram = (url) => fileURLToPath(url) === realpathSync(process.argv[1]);

const bold = (text) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);

/** The environment of everything that is run: our tools first. */
export const environment = {
  ...process.env,
  PATH: [
    join(TOOLS, "bin"),
    join(ROOT, "node_modules/.bin"),
    join(TOOLS, "pnpm/node_modules/.bin"),
    process.env.PATH,
  ].join(delimiter),
};

/** Says what is done now. */
export function say(text) {
  console.log(bold(`▸ ${text}`));
}

/** Ends the script: a person has to do something first. */
export function fail(text) {
  console.error(`\n${bold("✗")} ${text}`);
  process.exit(1);
}

/** Runs a command, its output shown; ends the script where it fails. */
export function run(command, args, options) {
  const { status, signal, error } = spawned(command, args, options);
  if (error?.code === "ENOENT") fail(`${command} is not installed.`);
  if (status !== 0) fail(`${command} ${args.join(" ")} failed (${signal ?? `exit code ${status}`}).`);
}

/** Runs a command, its output shown; says whether it succeeded. */
export function attempt(command, args, options) {
  return spawned(command, args, options).status === 0;
}

/** Runs a command as root, by sudo where need be; says whether it succeeded. */
export function attemptAsRoot(...words) {
  const root = process.getuid?.() === 0;
  if (!root && output("sudo", ["--version"]) === undefined) {
    say(`sudo is missing: install it, or run \`${words.join(" ")}\` as root and start again.`);
    return false;
  }
  // sudo hands on no environment of its own accord.
  const [command, ...args] = [...(root ? [] : ["sudo"]), "env", "DEBIAN_FRONTEND=noninteractive", ...words];
  return attempt(command, args);
}

/** Runs apt-get; says whether it succeeded. */
export const apt = (...args) => attemptAsRoot("apt-get", ...args);

function spawned(command, args, { cwd = ROOT, env = {} } = {}) {
  return spawnSync(command, args, { cwd, env: { ...environment, ...env }, stdio: ["ignore", "inherit", "inherit"] });
}

/** What a command prints, or undefined where it fails or is not there. */
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

/** Does a step unless it was done with the same `key` (versions, contents of lock files) before, and what it made is there. */
export function once(name, key, made, step) {
  const stamp = join(TOOLS, "done", name);
  if (existsSync(made) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) return;
  step();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
}

/** Rewrites a text file. */
export function edit(file, change) {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}
