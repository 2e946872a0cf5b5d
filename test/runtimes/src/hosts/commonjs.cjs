// Like node.js beside it, but with the package that `require` finds.

/** The types of `import` and of `require` are incompatible. @type {any} */
const logitdraw = require("logitdraw");

(async () => {
  const [{ run }, { readVectors }] = await Promise.all([import("../program.js"), import("../vectors.js")]);
  const job = { golden: readVectors("golden"), list: readVectors("digest"), count: Number(process.argv[2]) };
  console.log(JSON.stringify(await run(logitdraw, job)));
})();
