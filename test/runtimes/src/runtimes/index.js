// Every runtime that must give the same draws: whether it is there, and how it runs the program.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findBrowser } from "../find-browser.js";
import { armNode, EMULATES_ARM } from "./arm.js";
import * as binaries from "./binaries.js";
import { runBrowser } from "./browser.js";
import { lastLine } from "./command.js";
import { runWorkerd } from "./workerd.js";

const cwd = new URL("../..", import.meta.url);
const HOST = "src/hosts/node.js";
/** pnpm does not say if one of the packages could not be fetched. */
const NO_PACKAGE = `its npm package is not installed (if there is one for ${process.platform} ${process.arch}, the next call tries again to fetch it)`;

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string | undefined} missing why it cannot run here
 * @property {number} [share] the part of the tokens that it draws, if it is too slow to draw them all
 * @property {(count: number) => Promise<string>} run the outcome as JSON
 */

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  {
    name: "scalar kernels",
    missing: existsSync(fileURLToPath(new URL("pkg/logitdraw_wasm_bg.wasm", cwd)))
      ? undefined
      : "run `node scripts/build.mjs --scalar`",
    run: (count) => lastLine(process.execPath, ["src/hosts/scalar.js", `${count}`], { cwd }),
  },
  {
    name: "Node (this one)",
    missing: undefined,
    run: (count) => lastLine(process.execPath, [HOST, `${count}`], { cwd }),
  },
  {
    name: "Node (this one), CommonJS",
    missing: undefined,
    run: (count) => lastLine(process.execPath, ["src/hosts/commonjs.cjs", `${count}`], { cwd }),
  },
  ...[20, 22, 24, 26].map((major) => fromPackage(`Node ${major}`, binaries.node(major), [])),
  fromPackage("Deno", binaries.deno(), ["run", "--allow-read", "--no-remote", "--no-lock"]),
  fromPackage("Bun", binaries.bun(), ["run", "--no-install"]),
  workerd(binaries.workerd()),
  browser("Chromium", "chromium"),
  browser("Firefox", "firefox"),
  ...(EMULATES_ARM ? [emulatedArm(armNode())] : []),
];

/** @type {Map<number, Promise<import("../digest.js").Digest>>} */
const nativeDigests = new Map();

/**
 * Returns the digest that the native crate prints, built for this machine.
 *
 * @param {number} count
 */
export function nativeDigest(count) {
  const digest = nativeDigests.get(count) ?? newNativeDigest(count);
  nativeDigests.set(count, digest);
  return digest;
}

/** @param {number} count @returns {Promise<import("../digest.js").Digest>} */
async function newNativeDigest(count) {
  const cargo = ["run", "--quiet", "--release", "--locked", "--package=logitdraw", "--example=digest", "--"];
  return JSON.parse(await lastLine("cargo", [...cargo, `${count}`], { cwd: new URL("../..", cwd) }));
}

/** @param {string} name @param {string | undefined} binary @param {readonly string[]} args @returns {Runtime} */
function fromPackage(name, binary, args) {
  return {
    name,
    missing: binary === undefined ? NO_PACKAGE : undefined,
    // No environment but this: no caches or settings of the machine, no check for updates, no telemetry.
    run: (count) =>
      lastLine(/** @type {string} */ (binary), [...args, HOST, `${count}`], {
        cwd,
        env: { DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1" },
      }),
  };
}

/** @param {ReturnType<typeof armNode>} command @returns {Runtime} */
function emulatedArm(command) {
  const [emulator = "", ...args] = command ?? [];
  return {
    name: "Node on ARM, emulated",
    missing: command === undefined ? "not installed: run `npm test`, which says how" : undefined,
    share: 0.1,
    run: (count) => lastLine(emulator, [...args, HOST, `${count}`], { cwd }),
  };
}

/** @param {string | undefined} binary @returns {Runtime} */
function workerd(binary) {
  return {
    name: "workerd",
    missing: binary === undefined ? NO_PACKAGE : undefined,
    run: (count) => runWorkerd(/** @type {string} */ (binary), count),
  };
}

/** @param {string} name @param {import("../find-browser.js").BrowserName} browser @returns {Runtime} */
function browser(name, browser) {
  return {
    name,
    missing: findBrowser(browser) === undefined ? "not installed: run `npm test`, which says how" : undefined,
    run: (count) => runBrowser(browser, count),
  };
}
