import path from 'node:path'
import { platform } from 'node:process'

import type { Shell } from '../text/words.js'

/** A system by its name in Node: `win32`, `darwin`, `linux`. */
export type System = NodeJS.Platform

type Environment = Readonly<Record<string, string | undefined>>

/** A variable, whose name Windows does not tell from the same in other letters: there, `PATH` is called `Path`. */
export function variable(environment: Environment, name: string, system: System = platform): string | undefined {
  if (system !== 'win32' || environment[name] !== undefined) return environment[name]
  const found = Object.keys(environment).find((one) => one.toUpperCase() === name)
  return found === undefined ? undefined : environment[found]
}

/** The folders of a PATH that stand somewhere for themselves: by others, and by none, a program of the repository would run. */
export function foldersOnPath(list: string, system: System = platform): readonly string[] {
  const paths = pathsOf(system)
  return list.split(paths.delimiter).filter((folder) => paths.isAbsolute(folder))
}

/**
 * Where a program may be, the first place first. Windows would look into the folder that it is started in before all others,
 * which a commit could have put one into: there, only a place is started.
 */
export function programPlaces(name: string, list: string, system: System = platform): readonly string[] {
  const ending = system === 'win32' ? '.exe' : ''
  return foldersOnPath(list, system).map((folder) => pathsOf(system).join(folder, `${name}${ending}`))
}

/**
 * What to start a program by: its name where the system looks for that on the PATH alone, else the first place that
 * `isThere`; undefined where there is none.
 */
export function startedBy(
  name: string,
  list: string,
  isThere: (file: string) => boolean,
  system: System = platform,
): string | undefined {
  return system === 'win32' ? programPlaces(name, list, system).find(isThere) : name
}

/** The variables by which nothing that is started looks for others in its own folder, where systems do that. */
export function guardedSearch(list: string, system: System = platform): Environment {
  return system === 'win32' ? { PATH: list, NoDefaultCurrentDirectoryInExePath: '1' } : { PATH: list }
}

/** A glob as it was typed, with `/` between folders: on Windows no name has a `\`, and people type it there. */
export function globOf(typed: string, system: System = platform): string {
  return system === 'win32' ? typed.replaceAll('\\', '/') : typed
}

/**
 * A name as Git has it. macOS may keep an accent apart from its letter (NFD); Git there writes them as one (NFC), unless
 * `core.precomposeUnicode` is off.
 */
export function nameForGit(name: string, system: System = platform): string {
  return system === 'darwin' ? name.normalize('NFC') : name
}

/**
 * A path, absolute, as the disk spells it. Windows and macOS find a file by other letters than it is called by, and Git does
 * not. Only the spelling changes: what leads elsewhere stays as it is. `spelled` is asked on those systems only.
 */
export function asSpelled(file: string, spelled: (file: string) => string, system: System = platform): string {
  if (system !== 'win32' && system !== 'darwin') return file
  const found = spelled(file)
  return foldedName(found) === foldedName(file) ? found : file
}

function foldedName(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/** What tells a file of a disk from all others. */
type Identity = { readonly ino: number; readonly dev: number }

/**
 * Whether two looks were at the same file. Windows has a disk's number in 32 bits or in 64, by the way it is asked: some
 * Nodes ask for a place in one way and for an open file in the other.
 */
export function isSameFile(one: Identity, other: Identity, system: System = platform): boolean {
  return one.ino === other.ino && (system === 'win32' || one.dev === other.dev)
}

/** What Windows says of a file that a virus scanner, an indexer or an editor has open: soon it does not. */
const passing: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY'])

/** How long to wait before each further attempt, in milliseconds: about two seconds in all. */
const waits: readonly number[] = [10, 20, 50, 100, 200, 400, 600, 600]

/**
 * Makes a call again that failed since another program had the file open, which keeps a file from being replaced or removed
 * on Windows. Elsewhere such a failure stays one.
 *
 * @throws what the last attempt does.
 */
export function patiently<T>(
  call: () => T,
  codeOf: (error: unknown) => string | undefined,
  system: System = platform,
  pause: (milliseconds: number) => void = sleep,
): T {
  for (let attempt = 0; ; attempt++) {
    try {
      return call()
    } catch (error) {
      const wait = waits[attempt]
      if (system !== 'win32' || wait === undefined || !passing.has(codeOf(error) ?? '')) throw error
      pause(wait)
    }
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

/** The shells that a command is pasted into: on Windows those of Windows, unless a POSIX shell such as Git Bash is running. */
export function shellHere(environment: Environment, system: System = platform): Shell {
  const isPosix = ['MSYSTEM', 'SHELL'].some((name) => (environment[name] ?? '') !== '')
  return system === 'win32' && !isPosix ? 'windows' : 'posix'
}

function pathsOf(system: System): path.PlatformPath {
  return system === 'win32' ? path.win32 : path.posix
}
