// Two runs that write at the same time, and runs that are killed while they write: all files must be one run's or another's,
// never a mixture, and what a killed run leaves must be named and put in order. Build first.
//
//   node bench/writers.mjs [PAIRS] [KILLS AT RANDOM] [KILLS AFTER THE FIRST RENAME] [FILES]     200, 50, 50 and 100 by default
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { knativeService, random } from './repository.mjs'

const [pairs, atRandom, aimed, count] = [200, 50, 50, 100].map((usual, index) =>
  Number(process.argv[2 + index] ?? usual),
)
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'kn-rollout-writers-')))
const next = random(Number(process.env.SEED ?? 1))
const texts = new Map(
  Array.from({ length: count }, (_, index) => {
    const name = `app-${String(index).padStart(3, '0')}`
    return [`${name}.yaml`, knativeService(next, name, 'prod')]
  }),
)
const environment = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: os.devNull }
const split = (percent) => ['apply', 'split', '--percent', String(percent), '--all', '--write']

function git(...words) {
  const { status, stderr } = spawnSync('git', words, { cwd: root, env: environment, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Starts the program; `ended` comes with how it ended and what it said. */
function start(words) {
  const child = spawn(process.execPath, [main, ...words], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = new Promise((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, said }))
  })
  return { child, ended }
}

const run = (words) => start(words).ended
const pause = (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds))

function reset() {
  for (const [name, text] of texts) writeFileSync(path.join(root, name), text)
}

/** How many files have which percent for the candidate; 0 is how they began. */
function tree() {
  const found = {}
  for (const name of texts.keys()) {
    const percent = /-00002\n +percent: (\d+)/.exec(readFileSync(path.join(root, name), 'utf8'))?.[1] ?? 'broken'
    found[percent] = (found[percent] ?? 0) + 1
  }
  return found
}

/** Everything beside the files: temporary ones, and records of runs. */
function leftovers() {
  const beside = readdirSync(root).filter((name) => name !== '.git' && !texts.has(name))
  const room = path.join(root, '.git', 'kn-rollout')
  return [...beside, ...(existsSync(room) ? readdirSync(room).map((name) => `.git/kn-rollout/${name}`) : [])]
}

const faults = []
function hold(isTrue, what) {
  if (!isTrue) faults.push(what)
  return isTrue
}
const uniform = (found) => (Object.keys(found).length === 1 ? Object.keys(found)[0] : undefined)

async function pair(index) {
  reset()
  const first = start(split(30))
  // From at the same time to one after the other.
  await pause(next() * next() * duration * 1.2)
  const second = start(split(60))
  const [one, other] = await Promise.all([first.ended, second.ended])
  const about = `pair ${index}: ${one.status} and ${other.status}, ${JSON.stringify(tree())}\n${one.said}${other.said}`
  const percent = uniform(tree())
  hold(percent !== undefined, `mixed: ${about}`)
  const winners = [one.status === 0 && '30', other.status === 0 && '60'].filter(Boolean)
  hold(winners.length === 0 ? percent === '0' : winners.includes(percent), `lost: ${about}`)
  for (const { status, said } of [one, other]) {
    hold(status === 0 || status === 3, `odd end: ${about}`)
    hold(
      status === 0 ? said.includes(`wrote ${count} files`) : said.includes('nothing was written'),
      `untold: ${about}`,
    )
  }
  hold(leftovers().length === 0, `left over: ${leftovers().join(' ')}: ${about}`)
  return winners.length
}

/** What a killed run has left is named, and the next run begins with what was there before. */
async function afterKill(about, isKilledAgain) {
  const [killed, left] = [tree(), leftovers()]
  const changed = killed[30] ?? 0
  const said = (await run(['validate'])).said
  for (const name of left) hold(said.includes(name), `${about}: validate does not name ${name}:\n${said}`)
  if (changed > 0 && left.length > 0) {
    hold(said.includes(`: ${changed} of them changed\n`), `${about}: ${changed} changed, but\n${said}`)
    const named = said.match(/^ {2}changed: app-\d+\.yaml(?: |$)/gm)?.length ?? 0
    hold(named === changed, `${about}: ${named} of ${changed} changed files are named`)
  }
  hold(changed === 0 || changed === count || left.length > 0, `${about}: a mixture without a record`)
  hold(JSON.stringify(tree()) === JSON.stringify(killed), `${about}: validate has written`)
  if (isKilledAgain) {
    const again = start(split(60))
    await pause(next() * duration)
    again.child.kill('SIGKILL')
    await again.ended
  }
  const begin = performance.now()
  const { status, said: talk } = await run(split(60))
  // The machine may have become busier, or less so, and kills are to spread over the whole of a run.
  duration = performance.now() - begin
  hold(status === 0, `${about}: the next run ended with ${status}: ${talk}`)
  hold(uniform(tree()) === '60', `${about}: after the next run ${JSON.stringify(tree())}\n${talk}`)
  hold(leftovers().length === 0, `${about}: still left over: ${leftovers().join(' ')}`)
  return { changed, left: left.length }
}

async function killAtRandom(index) {
  reset()
  const { child, ended } = start(split(30))
  await pause(duration * (0.3 + next() * 0.8))
  child.kill('SIGKILL')
  await ended
  return afterKill(`kill ${index} at random`, index % 3 === 0)
}

async function killAimed(index) {
  reset()
  const [target] = texts.keys()
  const file = path.join(root, target)
  const { ino } = statSync(file)
  const { child, ended } = start(split(30))
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (const deadline = Date.now() + 30_000; statSync(file).ino === ino && Date.now() < deadline;)
    Atomics.wait(clock, 0, 0, 0.1)
  child.kill('SIGKILL')
  await ended
  return afterKill(`kill ${index} after the first rename`, index % 3 === 0)
}

async function times(much, attempt) {
  const found = []
  for (let index = 1; index <= much; index++) found.push(await attempt(index))
  return found
}

function summary(what, killed) {
  const half = killed.filter(({ changed }) => changed > 0 && changed < count).length
  const staged = killed.filter(({ changed, left }) => changed === 0 && left > 0).length
  console.log(`${killed.length} kills ${what}: ${half} between renames, ${staged} before them with something left over`)
}

let duration = 0
try {
  git('init', '--quiet')
  reset()
  git('add', '--all')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'state')
  const begin = performance.now()
  const { status, said } = await run(split(30))
  duration = performance.now() - begin
  hold(status === 0 && uniform(tree()) === '30', `alone: ${status} ${said}`)
  const winners = await times(pairs, pair)
  const wins = (much) => winners.filter((one) => one === much).length
  console.log(`${pairs} pairs: one wins in ${wins(1)}, both one after the other in ${wins(2)}, none in ${wins(0)}`)
  summary('at random', await times(atRandom, killAtRandom))
  summary('after the first rename', await times(aimed, killAimed))
} finally {
  rmSync(root, { recursive: true, force: true })
}
for (const fault of faults) console.log(`FAULT ${fault}`)
console.log(`${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
