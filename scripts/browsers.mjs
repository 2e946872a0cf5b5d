// Installs the browsers of the tests. If one cannot be installed, its tests are listed as skipped, or fail if CI is set.

import { fail, installFromDebian, isDebian, say } from "./steps.mjs";

/** The browsers, and their packages in Debian. */
const DEBIAN = { chromium: "chromium", firefox: "firefox-esr" };

/** Installs missing browsers from the system's packages if possible; otherwise says what to install. */
export async function browsers() {
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
  if (missing.length > 0 && isDebian()) {
    // One by one, since a system may have only one of them.
    for (const name of missing) {
      say(`Installing ${DEBIAN[name]} for the tests, with apt-get (a few minutes, once)`);
      installFromDebian(DEBIAN[name]);
    }
    missing = lacking();
  }
  for (const name of missing) {
    say(
      `No ${name}: its tests are skipped, and with CI set they fail. Install it (Debian: apt-get install ${DEBIAN[name]}), or name it in LOGITDRAW_${name.toUpperCase()}.`,
    );
  }
}
