// Runs the pnpm that the other scripts use, whether or not the machine has one: `node scripts/pnpm.mjs --filter PACKAGE SCRIPT`.

import { setup } from "./setup.mjs";
import { run } from "./steps.mjs";

setup();
run("pnpm", process.argv.slice(2));
