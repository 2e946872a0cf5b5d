// Installs what only the tests need.

import { emulatedArm } from "./arm.mjs";
import { browsers } from "./browsers.mjs";
import { attempt, fail, output } from "./steps.mjs";

export async function testSetup() {
  rustTools();
  await browsers();
  await emulatedArm();
}

/** A minimal rustup has neither of these tools. Each is listed with rustup's component and Debian's package. */
function rustTools() {
  for (const [tool, component, debian] of [
    ["fmt", "rustfmt", "rustfmt"],
    ["clippy", "clippy", "rust-clippy"],
  ]) {
    const lacks = () => output("cargo", [tool, "--version"]) === undefined;
    if (lacks()) attempt("rustup", ["component", "add", component]);
    if (lacks())
      fail(`cargo ${tool} is missing: run \`rustup component add ${component}\` (Debian: apt-get install ${debian}).`);
  }
}
