// Runs a command that prints its outcome as the last line.

import { spawn } from "node:child_process";

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string | URL, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} the last line
 */
export function lastLine(command, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      err += text;
    });
    child.on("error", reject).on("close", (code) => {
      if (code === 0) resolve(out.trimEnd().split("\n").at(-1) ?? "");
      else
        reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${out.slice(-2000)}\n${err.slice(-4000)}`));
    });
  });
}
