// Decides calls as IAM would. Reads a JSON list of calls from the standard input, writes a list of decisions.
import { readFileSync } from 'node:fs'
import { installed } from './installed.mjs'

const { runSimulation, runUnsafeSimulation } = installed('@cloud-copilot/iam-simulate')
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
    // Also accepts a resource that IAM's reference does not list for the action.
    return { decision: await runUnsafeSimulation(simulation, {}) }
  }
  const answer = await runSimulation(simulation, {})
  return answer.resultType === 'error'
    ? { decision: 'error', error: JSON.stringify(answer.errors) }
    : { decision: answer.overallResult }
}

const calls = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(await Promise.all(calls.map(decide))))
