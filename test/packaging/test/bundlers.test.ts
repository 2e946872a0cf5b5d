// Bundles of the package run in a browser: each is one file, with the module inside.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBrowser, withPage } from "@logitdraw/test-runtimes/browsers";
import { serve } from "@logitdraw/test-runtimes/server";
import { describe, expect, test } from "vitest";
import { BUNDLERS } from "../src/bundlers.js";
import { DRAWN, DRAWS, NAMES, project, write } from "../src/project.js";

const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/bundle.js"></script>`;

/** Returns the page's title once its bundle has run. */
function drawnOnPage(folder: string): Promise<unknown> {
  return serve(folder, { "/": PAGE }).then(async (server) => {
    try {
      return await withPage("chromium", server.url, async (page, complaints) => {
        await page.waitForFunction("document.title !== ''", { timeout: 60_000 });
        expect(complaints).toEqual([]);
        return page.title();
      });
    } finally {
      await server.close();
    }
  });
}

const reason = findBrowser("chromium") === undefined ? "no Chromium" : undefined;
const browserTest = reason !== undefined && !process.env.CI ? test.skip : test;

describe.each(Object.entries(BUNDLERS))("%s", (name, bundle) => {
  const bundled = async (label: string, code: string) => {
    const outDir = join(project, "dist", name, label);
    await bundle({ project, entry: write(`${name}-${label}.js`, code), outDir });
    return outDir;
  };

  browserTest("the bundle is one file and draws in Chromium", async () => {
    const outDir = await bundled("draw", `import { ${NAMES} } from "logitdraw";${DRAWS}document.title = drawn;`);
    expect(readdirSync(outDir)).toEqual(["bundle.js"]);
    expect(await drawnOnPage(outDir)).toBe(DRAWN);
  });

  test("an unused import leaves an empty bundle", async () => {
    const outDir = await bundled("nothing", `import "logitdraw";`);
    expect(readFileSync(join(outDir, "bundle.js"), "utf8").trim().length).toBeLessThan(50);
  });

  test("importing one function gives a smaller bundle than importing everything", async () => {
    const size = async (label: string, code: string) => statSync(join(await bundled(label, code), "bundle.js")).size;
    const all = await size("all", `export * from "logitdraw";`);
    const one = await size("argmax", `export { argmax } from "logitdraw";`);
    expect(one).toBeLessThan(all);
    // The module is in it all the same.
    expect(one).toBeGreaterThan(50_000);
  });
});

browserTest("logitdraw/slim accepts the promise of a fetch in Chromium", async () => {
  const outDir = join(project, "dist", "slim");
  const code = `import { init, ${NAMES} } from "logitdraw/slim";
    await init(fetch("/logitdraw.wasm"));${DRAWS}document.title = drawn;`;
  await BUNDLERS.esbuild?.({ project, entry: write("slim.js", code), outDir });
  const module = readFileSync(join(project, "node_modules/logitdraw/dist/logitdraw.wasm"));
  writeFileSync(join(outDir, "logitdraw.wasm"), module);
  expect(statSync(join(outDir, "bundle.js")).size).toBeLessThan(module.length / 2);
  expect(await drawnOnPage(outDir)).toBe(DRAWN);
});
