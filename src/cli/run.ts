import { readFileSync, readdirSync } from 'node:fs'
import { validate } from '../pipeline.js'

// TEMPORARY: being replaced
export async function run(io: {
  arguments: string[]
  workingDirectory: string
  environment: unknown
  stdin: unknown
  stdout: { write(text: string): unknown }
  stderr: unknown
}): Promise<number> {
  const files = readdirSync(io.workingDirectory, { recursive: true })
    .map(String)
    .filter((f) => /\.(ya?ml|json)$/.test(f))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
  const report = validate(files)
  io.stdout.write(JSON.stringify({ schemaVersion: '1', diagnostics: report.diagnostics }))
  return report.diagnostics.some((d) => d.severity === 'error') ? 1 : 0
}
