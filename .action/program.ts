// One run of the program, by the inputs of an action or a job, and what it reports.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The first word of a process that is to be the program. */
export const programWord = '--kn-rollout'

export type Environment = Readonly<Record<string, string | undefined>>

const commands = ['check', 'validate', 'status', 'release', 'apply', 'next'] as const
export type Command = (typeof commands)[number]

/** What a run is asked for. */
export type Wish = {
  readonly command: Command
  /** The arguments behind the reports: options, then `--`, then paths. */
  readonly words: readonly string[]
  /** Where to run, as it was given. */
  readonly folder: string
}

/** What the user got wrong, in one line. */
export class WrongInput extends Error {}

/** An input by its name in action.yml, without white space around it; '' where it is not given. */
export type Input = (name: string) => string

/** The word behind an input that has only some; the first where it is not given. */
export function choice<T extends string>(input: Input, name: string, known: readonly [T, ...T[]]): T {
  const given = input(name)
  const found = given === '' ? known[0] : known.find((one) => one === given)
  if (found === undefined) throw new WrongInput(`unknown value of the input \`${name}\`; must be ${known.join(', ')}`)
  return found
}

/**
 * What the inputs ask for. Nothing of them meets a shell.
 *
 * @param base What `check` compares with where no input says so.
 * @throws WrongInput where an input is missing or is none of the known words.
 */
export function wishOf(input: Input, base: string): Wish {
  const command = choice(input, 'command', commands)
  const isWriting = input('write') === 'true' && ['apply', 'next', 'release'].includes(command)
  const words = [
    ...(command === 'check' ? [`--since=${sinceOf(input('since') || base)}`] : []),
    ...(command === 'apply' ? [stageOf(input('stage'))] : []),
    ...(command === 'release' && input('image') !== '' ? [`--image=${input('image')}`] : []),
    ...(isWriting ? ['--write'] : []),
    ...lines(input('services')).map((one) => `--service=${one}`),
    ...lines(input('args')),
    '--',
    ...lines(input('paths')),
  ]
  return { command, words, folder: input('working-directory') || '.' }
}

function sinceOf(ref: string): string {
  if (ref !== '' && !/^0+$/.test(ref)) return ref
  throw new WrongInput('`check` needs the input `since`: this event has no commit to compare with')
}

function stageOf(stage: string): string {
  if (/^[^-]/.test(stage)) return stage
  throw new WrongInput('`apply` needs the input `stage`')
}

function lines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
}

export type Diagnostic = { readonly severity: 'error' | 'warning' | 'note' }
type Change = { readonly file: string; readonly stage: string; readonly service: string }

type Service = {
  readonly file: string
  readonly line: number
  readonly namespace?: string
  readonly name: string
  /** Only `check` sets it. */
  readonly unchanged?: true
}

/** The JSON report, as far as it is used here. */
export type Report = {
  readonly diagnostics: readonly Diagnostic[]
  readonly services: readonly Service[]
  readonly changes?: readonly Change[]
}

export type Finished = {
  /** The exit code. */
  readonly status: number
  /** Absent where the program ended before it had anything to report. */
  readonly reports?: {
    readonly json: Report
    readonly markdown: string
    readonly files: { readonly json: string; readonly markdown: string }
  }
}

/** How a run shows its report on stdout, and the reports besides those that are always made. */
export type Showing = {
  readonly format: 'text' | 'github'
  readonly more?: readonly (readonly [format: string, file: string])[]
}

/** Runs the program; what it prints goes where this process prints. */
export function runProgram(wish: Wish, showing: Showing, environment: Environment): Finished {
  const temporary = mkdtempSync(path.join(environment['RUNNER_TEMP'] ?? tmpdir(), 'kn-rollout-'))
  const files = { json: path.join(temporary, 'report.json'), markdown: path.join(temporary, 'body.md') }
  const status =
    wish.command === 'status' ? runStatus(wish, files, environment) : runOne(wish, showing, files, environment)
  if (!existsSync(files.json) || !existsSync(files.markdown)) return { status }
  const json = JSON.parse(readFileSync(files.json, 'utf8')) as Report
  return { status, reports: { json, markdown: readFileSync(files.markdown, 'utf8'), files } }
}

type Files = Readonly<Record<'json' | 'markdown', string>>

function runOne({ command, words, folder }: Wish, showing: Showing, files: Files, environment: Environment): number {
  const wanted: readonly (readonly [string, string])[] = [
    [showing.format, '-'],
    ['json', files.json],
    ['markdown', files.markdown],
    ...(showing.more ?? []).map(([format, file]) => [format, path.resolve(file)] as const),
  ]
  const reports = [...wanted.map(([format]) => `--format=${format}`), ...wanted.map(([, file]) => `--output=${file}`)]
  return start([command, ...reports, ...words], folder, environment).status
}

/** `status` makes one report a run, on stdout. */
function runStatus({ command, words, folder }: Wish, files: Files, environment: Environment): number {
  const { status } = start([command, ...words], folder, environment)
  for (const format of ['json', 'markdown'] as const) {
    const { stdout } = start([command, `--format=${format}`, ...words], folder, environment, 'quietly')
    if (stdout !== '') writeFileSync(files[format], stdout)
  }
  return status
}

function start(
  words: readonly string[],
  cwd: string,
  environment: Environment,
  how: 'openly' | 'quietly' = 'openly',
): { readonly status: number; readonly stdout: string } {
  const { status, stdout, error } = spawnSync(process.execPath, [process.argv[1] ?? '', programWord, ...words], {
    cwd,
    stdio: how === 'openly' ? 'inherit' : ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: withoutSecrets(environment),
  })
  if (error) throw error
  return { status: status ?? 3, stdout: stdout ?? '' }
}

/** What the program, and Git that it starts, may know: no input of the action, and no token. */
function withoutSecrets(environment: Environment): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^INPUT_|TOKEN|PASSWORD|SECRET/i.test(name)),
  )
}

/** How many findings there are of each severity: `1 error, 0 warnings, 2 notes`. */
export function countsText({ diagnostics }: Report): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => plural(countOf(diagnostics, severity), severity))
    .join(', ')
}

export function countOf(diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number {
  return diagnostics.filter((one) => one.severity === severity).length
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
