import fs from 'node:fs'

import { codeOf } from '../failure.js'

/** The calls that writing needs, so that tests can let each of them fail. */
export type FileSystem = Pick<
  typeof fs,
  | 'openSync'
  | 'writeSync'
  | 'fchmodSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'renameSync'
  | 'rmSync'
  | 'linkSync'
  | 'lstatSync'
  | 'realpathSync'
  | 'readFileSync'
  | 'utimesSync'
  | 'existsSync'
>

/** What systems say that cannot open or flush a folder. */
const unsyncable = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** Flushes the names in a folder, where the system can do that: without it a power cut may take a rename back. */
export function syncFolder(folder: string, system: FileSystem): void {
  try {
    const handle = system.openSync(folder, 'r')
    try {
      system.fsyncSync(handle)
    } finally {
      system.closeSync(handle)
    }
  } catch (error) {
    if (!unsyncable.has(codeOf(error) ?? '')) throw error
  }
}

/**
 * Writes a file that is not there yet in full, and flushes it. `onMade` is called once it is there: from then on it is
 * the caller's to remove. With `exact` the mode is the very one, else what the user's mask leaves of it.
 */
export function writeNew(
  file: string,
  bytes: Uint8Array,
  { mode, exact }: { readonly mode: number; readonly exact?: boolean },
  system: FileSystem,
  onMade: () => void,
): void {
  const handle = system.openSync(file, 'wx', exact ? 0o600 : mode)
  onMade()
  try {
    for (let written = 0; written < bytes.length;) written += system.writeSync(handle, bytes, written)
    if (exact) system.fchmodSync(handle, mode)
    system.fsyncSync(handle)
  } finally {
    system.closeSync(handle)
  }
}
