// JSONata expressions on the standard input, each with the value of $states; what each comes to on the standard output.
import { readFileSync } from 'node:fs'
import jsonata from 'jsonata'

async function evaluate({ expression, states }) {
  try {
    const value = await jsonata(expression).evaluate(undefined, { states })
    // Step Functions fails where nothing comes of an expression.
    return value === undefined ? { error: 'it comes to nothing' } : { value }
  } catch (error) {
    return { error: error.message }
  }
}

const answers = []
for (const request of JSON.parse(readFileSync(0, 'utf8'))) answers.push(await evaluate(request))
process.stdout.write(JSON.stringify(answers))
