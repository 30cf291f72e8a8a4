import { codeOf } from '../failure.js'
import { patiently, type System } from '../system.js'
import type { FileSystem } from './claim.js'

/** A file system whose files other programs may have open for a moment: on Windows, replacing and removing is tried again. */
export function patient(system: FileSystem, kind?: System, pause?: (milliseconds: number) => void): FileSystem {
  const again = (call: () => void): void => patiently(call, codeOf, kind, pause)
  return {
    ...system,
    renameSync: (from, to) => again(() => system.renameSync(from, to)),
    rmSync: (file, options) => again(() => system.rmSync(file, options)),
  }
}
