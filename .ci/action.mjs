// The main step of action.yml: runs the program with the inputs of the action, which come as variables and meet no shell,
// and turns its report into outputs. Ends as the program does.
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import path from 'node:path'

const { env } = process
const input = (name) => (env[`INPUT_${name}`] ?? '').trim()
const lines = (text) => text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))

function fail(message) {
  console.log(`::error title=kn-rollout::${message}`)
  process.exit(2)
}

/** The word behind an input that knows only some. */
function choice(name, known) {
  if (known.includes(input(name))) return input(name)
  return fail(`${name.toLowerCase()} must be ${known.join(', ')}`)
}

const command = choice('COMMAND', ['check', 'validate', 'apply', 'next'])
const annotations = choice('ANNOTATIONS', ['commands', 'matcher', 'none'])
const folder = mkdtempSync(path.join(env.RUNNER_TEMP, 'kn-rollout-'))
const [report, body] = [path.join(folder, 'report.json'), path.join(folder, 'body.md')]

const reports = `--format=${annotations === 'commands' ? 'github' : 'text'} --output=- --format=json --format=markdown`
const args = [command, ...reports.split(' '), `--output=${report}`, `--output=${body}`]
if (input('SUMMARY') !== 'false') args.push('--step-summary')
if (command === 'check') {
  const since = input('SINCE')
  if (since === '' || /^0+$/.test(since))
    fail('check needs since: this event names nothing that the change could be compared with')
  args.push(`--since=${since}`)
}
if (['apply', 'next'].includes(command) && input('WRITE') === 'true') args.push('--write')
if (command === 'apply') args.push(/^[^-]/.test(input('STAGE')) ? input('STAGE') : fail('apply needs a stage'))
args.push(...lines(input('ARGS')), '--', ...lines(input('PATHS')))

// Plain text may quote what a manifest says, which must not be taken for a command. The program would stop commands around
// its reports by itself, yet only these lines are around a patch and around all that goes to stderr; two pairs of them do
// not nest, so the program is not told who reads along.
const token = annotations === 'commands' ? undefined : randomUUID()
if (annotations === 'matcher')
  console.log(`::add-matcher::${path.join(env.GITHUB_ACTION_PATH, 'docs', 'problem-matcher.json')}`)
if (token) console.log(`::stop-commands::${token}`)
const { status, error } = spawnSync(process.execPath, [env.KN_ROLLOUT_PROGRAM, ...args], {
  stdio: 'inherit',
  env: token ? { ...env, GITHUB_ACTIONS: '' } : env,
})
if (token) console.log(`::${token}::`)
if (annotations === 'matcher')
  for (const owner of ['kn-rollout', 'kn-rollout-notes']) console.log(`::remove-matcher owner=${owner}::`)
if (error) throw error

if (existsSync(report)) writeOutputs(JSON.parse(readFileSync(report, 'utf8')))
process.exitCode = status ?? 3

function writeOutputs({ changes, diagnostics, services }) {
  const files = [...new Set((command === 'check' ? services : changes).map(({ file }) => file))]
  const stages = [...new Set(changes.map(({ stage }) => stage))]
  const counts = ['error', 'warning', 'note'].map((severity) => {
    const count = diagnostics.filter((one) => one.severity === severity).length
    return `${count} ${severity}${count === 1 ? '' : 's'}`
  })
  const moved = stages.map((stage) => {
    const names = changes.flatMap((change) => (change.stage === stage ? [change.service] : []))
    return `${stage}: ${names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')}`
  })
  const found = `${services.length} Knative Service${services.length === 1 ? '' : 's'}: ${counts.join(', ')}`
  output('changed', String(files.length > 0))
  // A name that breaks lines is quoted: its lines would name other files.
  output('files', files.map((file) => (/\p{Cc}/u.test(file) ? JSON.stringify(file) : file)).join('\n'))
  output('stage', stages.join(','))
  output('summary', oneLine(moved.length > 0 ? moved.join('; ') : found))
  output('report', report)
  output('body', body)
}

/** Text for a title or a commit message, in which no name calls a person or closes a ticket. */
function oneLine(text) {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s@#!]+/gu, ' ').slice(0, 200)
}

/** A value of any lines; nothing in it can end it. */
function output(name, value) {
  const end = randomUUID()
  appendFileSync(env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`)
}
