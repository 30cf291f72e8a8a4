import type { ChildProcess, spawnSync } from 'node:child_process'

/** One run of a program. */
export type Program = {
  /** Its name, which is looked for on the PATH of the environment, or its absolute path. */
  readonly file: string
  readonly arguments: readonly string[]
  /** The folder that it runs in, absolute. */
  readonly folder: string
  /** All variables that it gets. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What its standard input holds; nothing by default. */
  readonly input?: string | Uint8Array | undefined
  /** Takes the output piece by piece; `false` is enough of it, and ends the run. */
  readonly onOutput: (chunk: Buffer) => boolean
  /** Milliseconds after which the run is ended, if it has not ended by then. */
  readonly limit: number
  /** Gets hold of the run once it has begun. */
  readonly onStart?: ((run: Running) => void) | undefined
}

/** A run that goes on. */
export type Running = {
  /** Lets the program wait once it has printed as much as a pipe holds. */
  readonly pause: () => void
  readonly resume: () => void
  /** Ends it: what it has printed was enough. */
  readonly stop: () => void
}

/** How a run ended, and what it wrote to its standard error. */
export type ProgramEnd = { readonly talk: string } & (
  | { readonly how: 'ended'; readonly status: number | null }
  | { readonly how: 'enough' }
  | { readonly how: 'late' }
  | { readonly how: 'unstarted'; readonly error: unknown }
)

/**
 * Runs a program. The one place that starts any: who calls it sees to it that nothing of a repository decides on which
 * program that is, nor on what it starts, and that it gets no variable that would.
 *
 * @throws what `onOutput` throws; that ends the run as well.
 */
export async function runProgram(program: Program): Promise<ProgramEnd> {
  // What starts other programs takes longer to load than a single file to read.
  const { spawn, spawnSync: spawnNow } = await import('node:child_process')
  startNow = spawnNow
  const { file, folder, environment, input, onOutput, limit } = program
  let child: ChildProcess
  try {
    child = spawn(file, [...program.arguments], {
      cwd: folder,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: environment,
    })
  } catch (error) {
    return { how: 'unstarted', error, talk: '' }
  }
  return new Promise((resolve, reject) => {
    let isEnough = false
    let isLate = false
    let talk = ''
    const clock = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
      // Whoever else holds the pipes must not be waited for.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, limit)
    program.onStart?.({
      pause: () => child.stdout?.pause(),
      resume: () => child.stdout?.resume(),
      stop: () => {
        isEnough = true
        child.stdout?.destroy()
        child.kill()
      },
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      if (isEnough) return
      try {
        isEnough = !onOutput(chunk)
      } catch (error) {
        isEnough = true
        reject(error)
      }
      if (isEnough) child.kill()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (talk += text))
    // It may end before it has read all: its status tells more than the broken pipe.
    child.stdin?.on('error', () => undefined).end(input)
    child.on('error', (error) => {
      clearTimeout(clock)
      resolve({ how: 'unstarted', error, talk: '' })
    })
    child.on('close', (status) => {
      clearTimeout(clock)
      if (isEnough) resolve({ how: 'enough', talk })
      else if (isLate) resolve({ how: 'late', talk })
      else resolve({ how: 'ended', status, talk })
    })
  })
}

/** Set once a first program has run: it comes with what starts them. */
let startNow: typeof spawnSync | undefined

/**
 * The same at once, for what is asked in the midst of work that cannot wait, and after `runProgram` only: the whole output,
 * of at most `size` bytes.
 */
export function runProgramNow(
  program: Omit<Program, 'onOutput'> & { readonly size: number },
): { readonly output: Buffer; readonly status: number | null; readonly talk: string } | { readonly error: unknown } {
  if (!startNow) return { error: new Error('nothing has been started before') }
  const { status, error, stdout, stderr } = startNow(program.file, [...program.arguments], {
    cwd: program.folder,
    env: program.environment,
    input: program.input,
    maxBuffer: program.size,
    timeout: program.limit,
    killSignal: 'SIGKILL',
  })
  return error ? { error } : { output: stdout, status, talk: stderr.toString() }
}
