// Evaluates JSONata expressions, each with a value for $states. Reads a JSON list from the standard input, writes one.
import { readFileSync } from 'node:fs'
import { installed } from './installed.mjs'

const jsonata = installed('jsonata')

async function evaluate({ expression, states }) {
  try {
    const value = await jsonata(expression).evaluate(undefined, { states })
    // Step Functions fails when an expression has no value.
    return value === undefined ? { error: 'the expression has no value' } : { value }
  } catch (error) {
    return { error: error.message }
  }
}

const requests = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(await Promise.all(requests.map(evaluate))))
