// Runs every test file with uvu and guards against its silent greens: a file that never runs its suite, a left-over
// `.only`, a pattern that matches nothing. Ends with one line that counts.
//
//   node test/run.mjs [PATTERN]     only the files whose name holds PATTERN
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('./', import.meta.url)
const pattern = process.argv[2] ?? ''
const files = readdirSync(folder, { recursive: true }).filter(
  (name) => name.endsWith('.test.ts') && name.includes(pattern),
)
const faults = files.length === 0 ? [`no test file matches "${pattern}"`] : files.flatMap(faultsOf)

function faultsOf(name) {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const suites =
    (text.match(/\bsuite\(/g) ?? []).length + (/import \{[^}]*\btest\b[^}]*\} from 'uvu'/.test(text) ? 1 : 0)
  const runs = (text.match(/\.run\(\)/g) ?? []).length
  const found = []
  if (suites === 0 || runs < suites) found.push(`${name}: ${suites} suites, but ${runs} calls of .run()`)
  if (/\.(?:only|skip)\(/.test(text)) found.push(`${name}: a left-over .only or .skip`)
  return found
}

function runFile(name) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', new URL(name, folder).pathname], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.on('close', (status) => resolve({ name, status, output }))
  })
}

let [passed, failed] = [0, faults.length]
const queue = [...files]
async function work() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const { status, output } = await runFile(name)
    process.stdout.write(
      output.replaceAll(/^\s*(?:Total|Passed|Skipped|Duration):.*$\n?/gm, '').replaceAll(/\n{2,}/g, '\n'),
    )
    const count = (word) =>
      [...output.matchAll(new RegExp(`${word}:\\s+(\\d+)`, 'g'))].reduce((sum, match) => sum + Number(match[1]), 0)
    const [total, good] = [count('Total'), count('Passed')]
    passed += good
    failed += total - good
    if (total === 0 || (status !== 0 && total === good)) {
      failed++
      faults.push(total === 0 ? `${name}: ran no test` : `${name}: ended with ${status}`)
    }
  }
}
if (faults.length === 0) await Promise.all([work(), work()])
for (const fault of faults) console.error(`guard: ${fault}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
