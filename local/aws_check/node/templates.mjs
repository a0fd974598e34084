// Mapping templates on the standard input, each with a request; text and what it wrote to the answer on the output.
import { readFileSync } from 'node:fs'
import velocity from 'velocityjs'

function render({ template, parameters, context, body }) {
  const params = name => (name === undefined ? parameters : parameters[name] ?? '')
  const own = structuredClone(context)
  try {
    const text = velocity.render(template, { context: own, input: { params, body } })
    return { text, override: own.responseOverride }
  } catch (error) {
    return { error: error.message }
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(render)))
