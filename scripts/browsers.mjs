// What only the tests need: browsers. Where one cannot be had its tests are listed as skipped, and with CI set they fail.

import { apt, output, say } from "./steps.mjs";

/** By the commands and packages that Debian has. */
const DEBIAN = { chromium: "chromium", firefox: "firefox-esr" };

/** Installs the browsers that are missing, where the system's packages can; says what to install elsewhere. */
export async function testSetup() {
  // Among the packages, which are there only now.
  const { findBrowser } = await import("../test/runtimes/src/find-browser.js");
  const lacking = () => Object.keys(DEBIAN).filter((name) => findBrowser(name) === undefined);
  let missing = lacking();
  if (missing.length > 0 && output("apt-get", ["--version"]) !== undefined) {
    // The lists may be current where updating them fails: whether an installation works is what counts.
    apt("update", "-q");
    // One by one: a system may have one of them alone.
    for (const name of missing) install(DEBIAN[name]);
    missing = lacking();
  }
  for (const name of missing) {
    say(
      `No ${name}: its tests are skipped, and with CI set they fail. Install it (Debian: apt-get install ${DEBIAN[name]}), or name it in LOGITDRAW_${name.toUpperCase()}.`,
    );
  }
}

function install(name) {
  say(`Installing ${name} for the tests, with apt-get (a few minutes, once)`);
  apt("install", "-y", "-q", "--no-install-recommends", name);
}
