// Headless browsers for the pages of the tests.

import puppeteer from "puppeteer-core";
import { findBrowser } from "./find-browser.js";

export { findBrowser };

/** Turns off everything that would contact another machine. */
const CHROMIUM = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-sync",
  "--no-first-run",
];

/**
 * Opens a page, passes it to `use` with a list of the errors and warnings so far, and closes the browser.
 *
 * @template T
 * @param {import("./find-browser.js").BrowserName} name
 * @param {string} url
 * @param {(page: import("puppeteer-core").Page, complaints: string[]) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withPage(name, url, use) {
  // Chromium's sandbox refuses to start as root.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await puppeteer.launch({
    browser: name === "firefox" ? "firefox" : "chrome",
    executablePath: findBrowser(name),
    headless: true,
    args: name === "firefox" ? [] : [...CHROMIUM, ...sandbox],
    // The tests have their own timeouts.
    timeout: 0,
    protocolTimeout: 0,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    /** @type {string[]} */
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(`${error}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") complaints.push(message.text());
    });
    await page.goto(url);
    return await use(page, complaints);
  } finally {
    await browser.close();
  }
}
