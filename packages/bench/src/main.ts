// npm run bench -- [--quick] [--json] [--write-docs]

import { readFileSync, writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { judge } from "./goals.js";
import { machine, markdown, summary, terminal } from "./report.js";
import { run } from "./run.js";

const DOCS = new URL("../../../docs/speed.md", import.meta.url);
const README = new URL("../../../README.md", import.meta.url);
const BEGIN = "<!-- begin: written by `npm run bench -- --write-docs` -->";
const END = "<!-- end -->";

interface Flags {
  quick?: boolean;
  json?: boolean;
  writeDocs?: boolean;
}

async function main({ quick, json, writeDocs }: Flags): Promise<void> {
  const results = await run({ quick, onSuite: (name) => process.stderr.write(`measuring: ${name}\n`) });
  const judged = quick ? [] : judge(results);
  if (json) console.log(JSON.stringify({ machine: machine(), results, goals: judged }));
  else console.log(terminal(results, judged));
  if (!writeDocs) return;
  replaceTables(DOCS, markdown(results, judged));
  replaceTables(README, summary(results));
}

function replaceTables(file: URL, tables: string): void {
  const text = readFileSync(file, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has lost the marks between which the tables stand`);
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${text.slice(end)}`);
}

await new Command("bench")
  .description("logitdraw beside its peers and beside the limit, in one run (about a minute)")
  // It measures nothing that belongs into the docs.
  .addOption(new Option("--quick", "every benchmark once, to see that it runs").conflicts("writeDocs"))
  .option("--json", "one JSON document")
  .option("--write-docs", "put the tables into docs/speed.md and README.md")
  .action(main)
  .parseAsync();
