import path from 'node:path'

import { IoFailure } from '../io/failure.js'
import { displayPath } from '../io/paths.js'
import type { Killed, LeftFile } from '../io/writing/killed.js'
import { roomsInUse } from '../io/writing/record.js'
import { plural } from '../text/words.js'
import { say, type Terminal } from './terminal.js'

/**
 * Says what a run left that was killed while it wrote files of the repositories that these paths are in. A command that
 * writes puts it in order first, so that it begins with what was there before.
 *
 * @throws IoFailure where a command would write into half a write that cannot be undone.
 */
export async function attendToKilled(paths: readonly string[], isWriting: boolean, terminal: Terminal): Promise<void> {
  const { workingDirectory, environment } = terminal
  const folders = [...new Set([workingDirectory, ...paths.map((one) => path.resolve(workingDirectory, one))])]
  const rooms = roomsInUse(folders, environment)
  if (rooms.length === 0) return
  const { killedIn, settle } = await import('../io/writing/killed.js')
  for (const killed of killedIn(rooms, folders)) {
    const isMeant = isWriting && killed.fate !== 'gone-on'
    const failure = isMeant ? await settle(killed, terminal) : undefined
    const isSettled = isMeant && failure === undefined
    const lines = [...headOf(killed), ...(isSettled ? settledLines(killed, terminal) : leftLines(killed, terminal))]
    await say(terminal, lines.map((line) => `${line}\n`).join(''))
    if (isWriting && !isSettled)
      throw new IoFailure(`${failure ?? 'the files of the killed run need attention first'}; nothing was written`)
  }
}

function headOf({ record: { owner, begun }, files }: Killed): readonly string[] {
  const changed = files.filter(({ state }) => state === 'changed').length
  const run = `a run was killed while it wrote ${plural(files.length, 'file')}`
  return [`kn-rollout: ${run} (process ${owner.pid} on ${owner.host}, ${begun}): ${changed} of them changed`]
}

function settledLines({ files, fate }: Killed, { workingDirectory }: Terminal): readonly string[] {
  const changed = fate === 'half' ? files.filter(({ state }) => state === 'changed') : []
  const back = changed.map((file) => `  restored: ${displayPath(file.path, workingDirectory)}`)
  return [...back, '  its leftover files were removed']
}

function leftLines(killed: Killed, { workingDirectory }: Terminal): readonly string[] {
  const { file: record, files, fate, leftovers } = killed
  const shown = (absolute: string): string => displayPath(absolute, workingDirectory)
  const told = files.filter(({ state }) => state !== 'unchanged')
  const named = new Set(told.map(({ backup }) => backup))
  const others = leftovers.filter((one) => !named.has(one))
  return [
    ...told.map((file) => fileLine(file, shown)),
    ...others.map((one) => `  left over: ${shown(one)}`),
    `  left over: ${shown(record)}`,
    `  ${remedies[fate]}`,
  ]
}

function fileLine({ path: file, state, isNew, backup }: LeftFile, shown: (absolute: string) => string): string {
  const what = state === 'changed' ? (isNew ? 'new' : 'changed') : 'changed elsewhere since'
  return `  ${what}: ${shown(file)}${backup === undefined ? '' : ` (its former text is in ${shown(backup)})`}`
}

const remedies = {
  untouched: 'the next command with --write removes the leftover files',
  finished: 'the next command with --write removes the leftover files',
  half: 'the next command with --write first restores these files',
  'gone-on': 'check these files, then remove the leftover ones',
} as const
