// Four bundlers, each configured as its documentation says and no further: a file in, a folder out.

import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import { build as viteBuild } from "vite";
import webpack from "webpack";

/** A request to a bundler: `entry` becomes `bundle.js` in `outDir`. */
export interface Request {
  project: string;
  entry: string;
  outDir: string;
}

export type Bundler = (request: Request) => Promise<void>;

const vite: Bundler = async ({ project, entry, outDir }) => {
  await viteBuild({
    root: project,
    configFile: false,
    logLevel: "error",
    build: {
      outDir,
      emptyOutDir: true,
      rollupOptions: {
        input: entry,
        // Vite expects a page as its entry, which exports nothing; here it is a file, whose exports must be kept.
        preserveEntrySignatures: "exports-only",
        output: { entryFileNames: "bundle.js", format: "es" },
      },
    },
  });
};

const webpackBundler: Bundler = ({ project, entry, outDir }) =>
  new Promise((resolve, reject) => {
    const compiler = webpack({
      context: project,
      entry,
      mode: "production",
      experiments: { outputModule: true },
      output: { path: outDir, filename: "bundle.js", library: { type: "module" }, chunkFormat: "module" },
      performance: false,
    });
    if (compiler === null) throw new Error("webpack made no compiler");
    compiler.run((error, stats) => {
      compiler.close(() => {
        const warnings = stats?.toString({ all: false, errors: true, warnings: true });
        if (error) reject(error);
        else if (warnings) reject(new Error(warnings));
        else resolve();
      });
    });
  });

const rollupBundler: Bundler = async ({ entry, outDir }) => {
  const bundle = await rollup({
    input: entry,
    plugins: [nodeResolve({ browser: true })],
    onwarn: (warning) => {
      // One of the tests is about an entry of which nothing is left.
      if (warning.code !== "EMPTY_BUNDLE") throw new Error(warning.message);
    },
  });
  await bundle.write({ file: join(outDir, "bundle.js"), format: "es" });
  await bundle.close();
};

const esbuildBundler: Bundler = async ({ project, entry, outDir }) => {
  const { warnings } = await esbuild.build({
    absWorkingDir: project,
    entryPoints: [entry],
    outfile: join(outDir, "bundle.js"),
    bundle: true,
    minify: true,
    format: "esm",
    logLevel: "silent",
  });
  // One of the tests is about an import without effect, which is dropped.
  const unexpected = warnings.filter(({ id }) => id !== "ignored-bare-import");
  if (unexpected.length > 0) throw new Error(JSON.stringify(unexpected));
};

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  Vite: vite,
  webpack: webpackBundler,
  Rollup: rollupBundler,
  esbuild: esbuildBundler,
};
