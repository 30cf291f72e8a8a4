// Runs every test file with uvu and guards against its silent greens: a file that never runs its suite, a left-over
// `.only`, a pattern that matches nothing. Ends with one line that counts.
//
//   node test/run.mjs [PATTERN]     only the files whose name holds PATTERN
//   node test/run.mjs --fast        what takes under a minute: no random trees, and few command lines
//   node test/run.mjs --lines       what another Node can change: processes, files, Git, streams, terminals
//   TEST_TIMES=20 node test/run.mjs     the 20 files that take longest, on stderr
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

import { bundle } from './bundle.mjs'

const folder = fileURLToPath(new URL('./', import.meta.url))
// Where imports find the packages of this one.
const bundles = fileURLToPath(new URL(`../node_modules/.tests-${process.pid}/`, import.meta.url))
const pattern = process.argv[2] ?? ''
/** Of the files that run command lines, the quickest; of the others, those that do not take long. */
const isFast = (name) =>
  name.startsWith('cli/bundles.') ||
  !/^cli\/|\.property\.|apart|compiled|executable|help-commands|kustomize-builds|markdown|soak|status-journey|version-reading/.test(
    name,
  )
/**
 * Not those whose answers only the program itself gives, the same with every Node, nor what always runs with the Node of the
 * action: they take more than half of the time. `npm run test:nodes` runs them all.
 */
const isOfLines = (name) =>
  name.startsWith('cli/') &&
  !/\.property\.|action-comment|adopt|agreement|bots|builds|commits|delivery|examples|executable|gitlab|hostile-size|journey/.test(
    name,
  ) &&
  !/\/check\.|create|layers|lockstep|markdown|next|odd-files|overlay|owners|paste|policy|profiles|readme|refused|release|spellings|typed|urls|workflows/.test(
    name,
  )
const sets = { '--fast': isFast, '--lines': isOfLines }
const isMeant = sets[pattern] ?? ((name) => name.includes(pattern))
const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.test.ts') && isMeant(name))
  .toSorted((one, other) => weightOf(other) - weightOf(one))
const faults = files.length === 0 ? [`no test file matches "${pattern}"`] : files.flatMap(faultsOf)

/** Long files that start programs come first: what begins last should not last. */
function weightOf(name) {
  const { size } = statSync(`${folder}${name}`)
  return /^cli\/|kustomize|property/.test(name) ? size + 1e6 : size
}

function faultsOf(name) {
  const text = readFileSync(`${folder}${name}`, 'utf8')
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
    const child = spawn(process.execPath, ['--enable-source-maps', `${bundles}${name.replace(/ts$/, 'mjs')}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.on('close', (status) => resolve({ name, status, output }))
  })
}

let [passed, failed] = [0, faults.length]
const queue = [...files]
const times = []
async function work() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const begun = performance.now()
    const { status, output } = await runFile(name)
    times.push([performance.now() - begun, name])
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
if (faults.length === 0) {
  process.on('exit', () => rmSync(bundles, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  try {
    await bundle(folder, files, bundles)
    // One more than there are processors, for the time that a file waits for its children.
    await Promise.all(Array.from({ length: availableParallelism() + 1 }, work))
  } catch (error) {
    failed++
    faults.push(error.message)
  }
}
const longest = times.toSorted(([one], [other]) => other - one).slice(0, Number(process.env['TEST_TIMES'] ?? 0))
for (const [time, name] of longest) console.error(`${(time / 1000).toFixed(1)} s  ${name}`)
for (const fault of faults) console.error(`guard: ${fault}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
