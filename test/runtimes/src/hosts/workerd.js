// Runs the program in workerd, as one of workerd's own tests. The bundler inserts the number of tokens and the files.

import * as logitdraw from "logitdraw";
import list from "../../../vectors/digest.json" with { type: "json" };
import golden from "../../../vectors/golden.json" with { type: "json" };
import { run } from "../program.js";

export default {
  async test() {
    const job = /** @type {import("../program.js").Job} */ (/** @type {unknown} */ ({ golden, list, count: COUNT }));
    console.log(JSON.stringify(await run(logitdraw, job)));
  },
};
