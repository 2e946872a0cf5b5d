// Installs what only the tests need: browsers. If one cannot be installed, its tests are listed as skipped, or fail if CI is set.

import { apt, fail, output, say } from "./steps.mjs";

/** The browsers, and their packages in Debian. */
const DEBIAN = { chromium: "chromium", firefox: "firefox-esr" };

/** Installs missing browsers from the system's packages if possible; otherwise says what to install. */
export async function testSetup() {
  // Imported here because the packages it needs are installed only now.
  const { findBrowser } = await import("../test/runtimes/src/find-browser.js");
  const lacking = () => {
    try {
      return Object.keys(DEBIAN).filter((name) => findBrowser(name) === undefined);
    } catch (error) {
      return fail(error.message);
    }
  };
  let missing = lacking();
  if (missing.length > 0 && output("apt-get", ["--version"]) !== undefined) {
    // The lists may be current even if updating them fails: what counts is whether an installation works.
    apt("update", "-q");
    // One by one, since a system may have only one of them.
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
