import { isList, member, type Json } from './json.js'
import { parseYaml } from './parse.js'
import { readDocument } from './read.js'

/**
 * The files that a kustomization names as patches, as it writes them: relative to its own folder. Patches that stand in
 * it are no files. What cannot be read names none.
 */
export function patchPaths(path: string, text: string): readonly string[] {
  if (!text.includes('patches')) return []
  return parseYaml({ path, text }).documents.flatMap(({ contents }) => {
    const { value } = readDocument(contents)
    const named = [
      ...items(value, 'patches').map((patch) => member(patch, 'path') ?? patch),
      ...items(value, 'patchesStrategicMerge'),
      ...items(value, 'patchesJson6902').map((patch) => member(patch, 'path')),
    ]
    return named.filter((name) => typeof name === 'string').filter((name) => name !== '' && !name.includes('\n'))
  })
}

function items(value: Json, key: string): readonly Json[] {
  const list = member(value, key)
  return isList(list) ? list : []
}
