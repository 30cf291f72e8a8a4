import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { reasonOf } from '../failure.js'
import { Attention, type Signals, type StopSignal } from '../signals.js'
import { type FileSystem, syncFolder, writeNew } from './claim.js'
import { patient } from './patient.js'
import { besides } from './record.js'

/** A file of which only the last text counts, whoever writes it. */
export type Report = {
  /** Absolute, links followed. */
  readonly path: string
  readonly text: string
  /** The mode that it has, if it is there. */
  readonly mode?: number
}

/** Writes a file in full beside its place, and puts it there by one rename. Gives nothing where all is done. */
export async function writeOne(
  { path: file, text, mode }: Report,
  { signals, system = patient(fs) }: { readonly signals?: Signals | undefined; readonly system?: FileSystem },
): Promise<{ readonly message: string; readonly signal?: StopSignal } | undefined> {
  const attention = new Attention(signals)
  const { fresh } = besides({ path: file, id: randomBytes(6).toString('hex') })
  let isMade = false
  try {
    const modes = mode === undefined ? { mode: 0o666 } : { mode, exact: true }
    writeNew(fresh, Buffer.from(text), modes, system, () => (isMade = true))
    system.renameSync(fresh, file)
    isMade = false
    syncFolder(path.dirname(file), system)
    const signal = await attention.turn()
    return signal && { message: 'the report was written', signal }
  } catch (error) {
    if (isMade) system.rmSync(fresh, { force: true })
    return { message: `${reasonOf(error)}; the report was not written` }
  } finally {
    attention.close()
  }
}
