import type { Diagnostic } from '../text/diagnostic.js'

/**
 * A name for each diagnostic, in their order: the same in every run and wherever the lines around it move, another one
 * for every diagnostic of a run. `file` is the file's name in the repository.
 */
export function fingerprints(diagnostics: readonly (Diagnostic & { readonly file: string })[]): readonly string[] {
  const seen = new Map<string, number>()
  return diagnostics.map(({ code, file, service, path, message }) => {
    const identity = JSON.stringify([code, file, service ?? '', path ?? '', message])
    const before = seen.get(identity) ?? 0
    seen.set(identity, before + 1)
    return hash(before === 0 ? identity : `${identity}${before}`)
  })
}

const offsetBasis = 0xcbf29ce484222325n
const prime = 0x100000001b3n

/** FNV-1a with 64 bits over the UTF-8 of a text, as 16 hexadecimal digits. */
function hash(text: string): string {
  let value = offsetBasis
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * prime)
  return value.toString(16).padStart(16, '0')
}
