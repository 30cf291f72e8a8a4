// Holds every report for programs that a test has printed against the schema that promises its shape.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

import type { Ran } from './program.js'

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
const validators = new Map<string, ReturnType<Ajv2020['compile']>>()

/** @throws Error where the JSON on stdout is a report, but not of the shape that `schemas/` promises. */
export function checkReport(args: readonly string[], { stdout }: Pick<Ran, 'stdout'>): void {
  if (!stdout.startsWith('{') || !stdout.includes('"schemaVersion"')) return
  const name = args[0] === 'status' ? 'status' : 'report'
  const isReport = validatorOf(name)
  const value: unknown = JSON.parse(stdout)
  if (!isReport(value)) throw new Error(`kn-rollout ${args.join(' ')}: ${ajv.errorsText(isReport.errors)}`)
}

function validatorOf(name: string): ReturnType<Ajv2020['compile']> {
  const known = validators.get(name)
  if (known) return known
  const file = new URL(`../../schemas/${name}.json`, import.meta.url)
  const made = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object)
  validators.set(name, made)
  return made
}
