// A scratch folder with the real program, a real Git and real files around it. Removed when the test process ends.
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  lstatSync,
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { main, runProgram, type Ran } from './program.js'
import { checkReport } from './report-schema.js'

export { main, type Ran }

/** A user without rights, for tests that run as root. */
const nobody = 65_534
export const isRoot = process.getuid?.() === 0

/** Where Node writes which lines have run, and programs that it starts do, if they may write there at all. */
const coverage = process.env['NODE_V8_COVERAGE'] ?? ''

/** A folder that every user may read and write. */
function openFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kn-rollout-open-'))
  chmodSync(folder, 0o777)
  return folder
}

/** Whether the folders above a file let every user through. */
function isReachable(file: string): boolean {
  const folder = path.dirname(file)
  return (lstatSync(folder).mode & 0o001) !== 0 && (folder === file || isReachable(folder))
}

let carriedProgram: { readonly node: string; readonly main: string } | undefined

/** Node and the program where a user without rights can get at them: a checkout may stand below a closed folder. */
function programForAll(): { readonly node: string; readonly main: string } {
  if (!isRoot || [main, process.execPath].every((file) => isReachable(realpathSync(file))))
    return { node: process.execPath, main }
  if (carriedProgram) return carriedProgram
  const folder = openFolder()
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  cpSync(path.dirname(main), path.join(folder, 'dist'), { recursive: true })
  copyFileSync(process.execPath, path.join(folder, 'node'))
  carriedProgram = { node: path.join(folder, 'node'), main: path.join(folder, 'dist', path.basename(main)) }
  return carriedProgram
}

export type RunOptions = {
  /** Below the sandbox. */
  readonly folder?: string
  readonly stdin?: string | Uint8Array
  readonly environment?: Readonly<Record<string, string>>
  /** Runs as a user who is not root, whoever runs the tests. */
  readonly unprivileged?: boolean
}

/** What costs time and is of no use here: examples of hooks, a look after every commit whether there is something to pack. */
const spared = ['-c', 'init.templateDir=', '-c', 'maintenance.auto=false']

const open = new Set<Sandbox>()
process.on('exit', () => {
  for (const sandbox of open) sandbox.remove()
})

export class Sandbox {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'kn-rollout-test-')))

  constructor() {
    open.add(this)
    chmodSync(this.root, 0o755)
  }

  /** A sandbox with a Git repository that has these files in its first commit. */
  static committed(files: Readonly<Record<string, string | Uint8Array>>): Sandbox {
    const box = new Sandbox()
    box.git('init', '--quiet')
    box.write(files)
    box.commit()
    return box
  }

  path(name: string): string {
    return path.join(this.root, name)
  }

  write(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(this.path(name)), { recursive: true })
      writeFileSync(this.path(name), content)
    }
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  commit(): void {
    this.commitAs('state')
  }

  /** Commits every file. */
  commitAs(message: string, environment: Readonly<Record<string, string>> = {}): void {
    this.git('add', '--all')
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
    this.gitWith({ environment }, ...who, 'commit', '--quiet', '--message', message)
  }

  /** Runs Git and gives back what it prints. A failure is a fault of the test. */
  git(...args: readonly string[]): string {
    return this.gitWith({}, ...args)
  }

  gitWith(options: RunOptions, ...args: readonly string[]): string {
    const { status, stdout, stderr } = this.spawn('git', [...spared, ...args], options)
    if (status !== 0) throw new Error(`git ${args.join(' ')} ended with ${status}: ${stderr}`)
    return stdout
  }

  /** Runs the built program; without a process of its own, unless its user must be another one. */
  run(args: readonly string[], options: RunOptions = {}): Ran {
    if (options.unprivileged) return this.runProcess(args, options)
    const environment = this.environment(options)
    const folder = this.path(options.folder ?? '.')
    const ran = runProgram(args, { folder, environment, stdin: options.stdin ?? '' })
    checkReport(args, ran)
    return ran
  }

  /** Runs the built program as a process, for what only a process has. */
  runProcess(args: readonly string[], options: RunOptions = {}): Ran {
    const program = options.unprivileged ? programForAll() : { node: process.execPath, main }
    return this.spawn(program.node, [program.main, ...args], options)
  }

  /** Runs a line of shell with `$KN` for the program, for pipes. */
  shell(line: string, options: RunOptions = {}): Ran {
    const environment = { ...options.environment, KN: `${process.execPath} ${main}` }
    return this.spawn('/bin/sh', ['-c', line], { ...options, environment })
  }

  private spawn(program: string, args: readonly string[], options: RunOptions): Ran {
    const carried = options.unprivileged === true && coverage !== '' && isRoot ? openFolder() : undefined
    const environment = { ...options.environment, ...(carried !== undefined && { NODE_V8_COVERAGE: carried }) }
    const ran = this.spawnIn(program, args, { ...options, environment })
    if (carried !== undefined) {
      for (const name of readdirSync(carried)) copyFileSync(path.join(carried, name), path.join(coverage, name))
      rmSync(carried, { recursive: true })
    }
    return ran
  }

  private spawnIn(program: string, args: readonly string[], options: RunOptions): Ran {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      cwd: this.path(options.folder ?? '.'),
      input: options.stdin ?? '',
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      env: this.environment(options),
      ...(options.unprivileged && isRoot ? { uid: nobody, gid: nobody } : {}),
    })
    if (error) throw error
    return { status, stdout, stderr }
  }

  private environment({ environment }: RunOptions): Readonly<Record<string, string>> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.root,
      LC_ALL: 'C.UTF-8',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...environment,
    }
  }

  /** Hands the whole tree to the unprivileged user, so that Git trusts it and modes count. */
  giveAway(): void {
    if (isRoot) for (const name of ['.', ...this.names()]) chownSync(this.path(name), nobody, nobody)
  }

  /** Every file with its bytes, mode and time of change: equal snapshots mean that nothing was touched. */
  snapshot(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.names().map((name) => {
        const stats = lstatSync(this.path(name))
        const content = stats.isSymbolicLink()
          ? readlinkSync(this.path(name))
          : stats.isFile()
            ? readFileSync(this.path(name), 'latin1')
            : ''
        return [name, `${stats.mode.toString(8)} ${stats.isDirectory() ? '' : stats.mtimeMs} ${content}`]
      }),
    )
  }

  private names(): readonly string[] {
    const names = readdirSync(this.root, { recursive: true, encoding: 'utf8' })
    return names.filter((name) => name !== '.git' && !name.startsWith('.git/')).toSorted()
  }

  remove(): void {
    open.delete(this)
    rmSync(this.root, { recursive: true, force: true })
  }
}
