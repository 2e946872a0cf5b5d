// Gives the module's exports short names: only the glue calls them, and a page's bundle contains each name twice (0.4 kB).

import { rmSync } from "node:fs";
import { join } from "node:path";
import { edit, fail, output } from "./steps.mjs";

/** The one export that our own code uses; the glue keeps the others to itself. */
const MEMORY = `
/** The memory of the module, once it is initialised. */
export function linearMemory() { return wasm.memory; }
`;

/** The export that the trimmed glue no longer calls. */
const UNCALLED = "__wbindgen_realloc";

/** Renames the exports of the module in a folder that wasm-pack has written, and all calls of them in its glue. */
export function shortenExports(folder) {
  const module = join(folder, "logitdraw_wasm_bg.wasm");
  const passes = [`--remove-exports=${UNCALLED}`, "--remove-unused-module-elements", "--minify-imports-and-exports"];
  const renaming = output("wasm-opt", [module, ...passes, "--output", module]);
  if (renaming === undefined) fail("wasm-opt did not rename the exports of the module.");
  const names = new Map(JSON.parse(renaming).exports);
  const short = (name) => names.get(name) ?? fail(`The glue calls ${name}, which the module does not export.`);
  edit(join(folder, "logitdraw_wasm.js"), (glue) =>
    `${glue}${MEMORY}`.replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${short(name)}`),
  );
  edit(join(folder, "logitdraw_wasm.d.ts"), (types) => {
    const renamed = types.replace(/^ *readonly (\w+)(:.*\n)/gm, (_, name, type) =>
      names.has(name) ? `    readonly ${names.get(name)}${type}` : "",
    );
    return `${renamed}\nexport function linearMemory(): WebAssembly.Memory;\n`;
  });
  // This file declares the old names.
  rmSync(`${module}.d.ts`);
}
