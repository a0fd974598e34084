// Requests on the standard input, an answer for each on the standard output: what IAM would decide.
import { readFileSync } from 'node:fs'
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const named = policies => policies.map((policy, number) => ({ name: `policy ${number}`, policy }))

async function decide({ principal, action, resource, account, context, identity, resourcePolicy, boundary, unchecked }) {
  const simulation = {
    request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
    identityPolicies: named(identity),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: resourcePolicy ?? undefined,
    permissionBoundaryPolicies: boundary ? named(boundary) : undefined,
  }
  if (unchecked) {
    // Where IAM's own reference does not list the resource for the action.
    return { decision: await runUnsafeSimulation(simulation, {}) }
  }
  const answer = await runSimulation(simulation, {})
  return answer.resultType === 'error'
    ? { decision: 'error', error: JSON.stringify(answer.errors) }
    : { decision: answer.overallResult }
}

const requests = JSON.parse(readFileSync(0, 'utf8'))
const answers = []
for (const request of requests) answers.push(await decide(request))
process.stdout.write(JSON.stringify(answers))
