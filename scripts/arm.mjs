// Installs what runs ARM's Node on an x86 machine, for the tests of the runtimes. If it cannot be installed they list it as skipped, or
// fail if CI is set.

import { join } from "node:path";
import { attempt, installFromDebian, isDebian, say, TOOLS } from "./steps.mjs";

const DEBIAN = ["qemu-user", "libc6-arm64-cross", "libstdc++6-arm64-cross"];

export async function emulatedArm() {
  const { armNode, EMULATES_ARM, hasEmulator, NODE_PACKAGE } = await import("../test/runtimes/src/runtimes/arm.js");
  if (!EMULATES_ARM) return;
  if (!hasEmulator() && isDebian()) {
    say("Installing an emulator of ARM for the tests, with apt-get (a minute, once)");
    installFromDebian(...DEBIAN);
  }
  if (hasEmulator() && armNode() === undefined) {
    say(`Installing ${NODE_PACKAGE}`);
    // --force: it is made for another processor than this one.
    const quietly = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    attempt("npm", ["install", "--force", ...quietly, "--prefix", join(TOOLS, "arm"), NODE_PACKAGE]);
  }
  if (armNode() === undefined)
    say(
      `No emulated ARM: its test is skipped, and with CI set it fails (Debian: apt-get install ${DEBIAN.join(" ")}).`,
    );
}
