// Renders mapping templates, each with a request: the text, and what the template wrote to the response. JSON in and out.
import { readFileSync } from 'node:fs'
import { installed } from './installed.mjs'

const velocity = installed('velocityjs')

function render({ template, parameters, context }) {
  const params = name => (name === undefined ? parameters : parameters[name] ?? '')
  const own = structuredClone(context)
  try {
    const text = velocity.render(template, { context: own, input: { params } })
    return { text, override: own.responseOverride }
  } catch (error) {
    return { error: error.message }
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(render)))
