// Finds the machine's browsers.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { Browser, ChromeReleaseChannel, computeSystemExecutablePath } from "@puppeteer/browsers";

/** @typedef {"chromium" | "firefox"} BrowserName */

/** The commands of each browser, and where it is if it has none. @type {Record<BrowserName, { commands: string[], places: string[] }>} */
const KNOWN = {
  chromium: {
    commands: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    places: ["/Applications/Chromium.app/Contents/MacOS/Chromium"],
  },
  firefox: {
    commands: ["firefox-esr", "firefox"],
    places: ["/Applications/Firefox.app/Contents/MacOS/firefox"],
  },
};

/**
 * Returns the path of a browser, or undefined if there is none. LOGITDRAW_CHROMIUM and LOGITDRAW_FIREFOX name one elsewhere.
 *
 * @param {BrowserName} name
 */
export function findBrowser(name) {
  const { commands, places } = KNOWN[name];
  const variable = `LOGITDRAW_${name.toUpperCase()}`;
  const given = process.env[variable];
  if (given) {
    if (!executable(given)) throw new Error(`${variable} names no program: ${given}`);
    return given;
  }
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [...commands.flatMap((command) => folders.map((folder) => join(folder, command))), ...places];
  return candidates.find(executable) ?? (name === "chromium" ? installedChrome() : undefined);
}

/** @param {string | undefined} path @returns {path is string} */
function executable(path) {
  try {
    accessSync(path ?? "", constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installedChrome() {
  try {
    const path = computeSystemExecutablePath({ browser: Browser.CHROME, channel: ChromeReleaseChannel.STABLE });
    return executable(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
