// Sets everything up, builds, and runs the main job: the textbook's experiment, draws from real logits, text from a real model.

import { build } from "./build.mjs";
import { setup } from "./setup.mjs";
import { run } from "./steps.mjs";

setup();
build();
run(process.execPath, ["packages/cli/dist/main.js", "demo"]);
