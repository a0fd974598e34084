// What IAM would decide, by iam-simulate: questions as JSON on the standard input, an answer for each on the output.
// A question is {action, resource, context, identity, boundary}; an answer is "Allowed", or a word for why not.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const installed = createRequire(pathToFileURL(resolve(".local/node/node_modules/")));
const { runUnsafeSimulation } = installed("@cloud-copilot/iam-simulate");
const account = "111122223333";

const named = (policies) => policies.map((policy, number) => ({ name: `policy ${number}`, policy }));

// Unsafe: the resources and keys of a question are taken as they are, and not held against IAM's own reference.
const decide = ({ principal, action, resource, context, identity, boundary }) =>
  runUnsafeSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: named(identity),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      permissionBoundaryPolicies: boundary ? named(boundary) : undefined,
    },
    {},
  );

const answers = [];
for (const question of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await decide(question));
}
process.stdout.write(JSON.stringify(answers));
