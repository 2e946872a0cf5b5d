// Runs the program in Node, Deno and Bun, each of which finds the package by its own conditions, and prints the outcome. The argument
// is the number of tokens.

import * as logitdraw from "logitdraw";
import { run } from "../program.js";
import { readVectors } from "../vectors.js";

const job = { golden: readVectors("golden"), list: readVectors("digest"), count: Number(process.argv[2]) };
console.log(JSON.stringify(await run(logitdraw, job)));
