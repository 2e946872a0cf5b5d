// Runs the program on a page: an import map resolves `logitdraw` as the package's exports do for a browser.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withPage } from "../browsers.js";
import { serve } from "../server.js";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const { exports } = JSON.parse(readFileSync(join(ROOT, "packages/logitdraw/package.json"), "utf8"));
const imports = { logitdraw: new URL(exports["."].import.default, "http://localhost/packages/logitdraw/").pathname };
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="importmap">${JSON.stringify({ imports })}</script>`;

/** @param {import("../find-browser.js").BrowserName} name @param {number} count */
export async function runBrowser(name, count) {
  const server = await serve(ROOT, { "/": PAGE });
  try {
    return await withPage(name, server.url, async (page, complaints) => {
      const outcome = await page.evaluate(`(async () => {
        const [logitdraw, { run }, golden, list] = await Promise.all([
          import("logitdraw"),
          import("/test/runtimes/src/program.js"),
          ...["golden", "digest"].map(async (name) => (await fetch("/test/vectors/" + name + ".json")).json()),
        ]);
        return JSON.stringify(await run(logitdraw, { golden, list, count: ${count} }));
      })()`);
      if (complaints.length > 0) throw new Error(`${name} complains: ${complaints.join("\n")}`);
      return /** @type {string} */ (outcome);
    });
  } finally {
    await server.close();
  }
}
