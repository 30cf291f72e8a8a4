import { Recent } from '../text/collections.js'
import type { SourceFile } from '../text/source.js'
import { isList, type Json, member } from '../yaml/json.js'
import { parseYaml } from '../yaml/parse.js'
import { readDocument } from '../yaml/read.js'

/**
 * The files that a kustomization names as patches, as it writes them: relative to its own folder. Patches that stand in
 * it are no files. What cannot be read names none.
 */
export function patchPaths(path: string, text: string): readonly string[] {
  return text.includes('patches') || text.includes('\\') ? named(path, text, patchesIn) : []
}

/** The files and folders that a kustomization builds upon, and its patches, as it writes them. */
export function listedPaths(path: string, text: string): readonly string[] {
  return named(path, text, (value) => [...items(value, 'resources'), ...items(value, 'bases'), ...patchesIn(value)])
}

const recent = new Recent<string, ReturnType<typeof parseYaml>>(512)

/**
 * The documents of a kustomization, or why it has none. What it names is asked for by several, and of both sides of a change, which have most
 * kustomizations in common.
 */
export function kustomizationDocuments(file: Pick<SourceFile, 'path' | 'text'>): ReturnType<typeof parseYaml> {
  return recent.get(file.text, () => parseYaml(file))
}

function named(path: string, text: string, namesIn: (value: Json) => readonly unknown[]): readonly string[] {
  return kustomizationDocuments({ path, text }).documents.flatMap(({ contents }) => {
    const names = namesIn(readDocument(contents).value).filter((name) => typeof name === 'string')
    return names.filter((name) => name !== '' && !name.includes('\n'))
  })
}

/** Whether a text in a list of patches is a patch itself, and no name of a file. */
export function isObjectText(text: string): boolean {
  return text.includes('\n') || text.includes(': ') || text.includes('{')
}

function patchesIn(value: Json): readonly unknown[] {
  return [
    ...items(value, 'patches').map((patch) => member(patch, 'path') ?? patch),
    ...items(value, 'patchesStrategicMerge').filter((patch) => typeof patch !== 'string' || !isObjectText(patch)),
    ...items(value, 'patchesJson6902').map((patch) => member(patch, 'path')),
  ]
}

function items(value: Json, key: string): readonly Json[] {
  const list = member(value, key)
  return isList(list) ? list : []
}
