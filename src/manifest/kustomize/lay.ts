import { isObject, member, type Json } from '../json.js'
import type { Built, Said, Word } from './built.js'
import type { Patch } from './patch.js'
import { isNamed, isSelected } from './selector.js'

/** Whether a patch is laid over the Service. */
export function isFor({ target, body }: Patch, { ids, base }: Built): boolean {
  if (target !== undefined) return isSelected({ value: target }, ids, base)
  return body.kind === 'merge' && isNamed(body.value, ids)
}

/**
 * What a patch makes of a Service; undefined where it deletes it. The list `spec.traffic` has no merge key in Knative's
 * CRD, so that a patch with one replaces all of it.
 */
export function lay(patch: Patch, built: Built): Built | undefined {
  return patch.body.kind === 'merge'
    ? merge(patch, patch.body.value, built)
    : operate(patch, patch.body.operations, built)
}

function merge(patch: Patch, value: Json, built: Built): Built | undefined {
  const { kustomization, path, body } = patch
  if (member(value, '$patch') === 'delete') return undefined
  const spec = member(value, 'spec')
  const isOdd = [value, spec, member(spec, 'template'), member(spec, 'template', 'metadata')].some(
    (part, depth) =>
      part === null || member(part, '$patch') !== undefined || (depth > 0 && part !== undefined && !isObject(part)),
  )
  if (isOdd) {
    const unclear = { by: 'unclear', kustomization, path, why: 'a directive or an empty mapping in it' } as const
    const left = (over: Said): Said => ({ value: undefined, word: unclear, over })
    return { ...built, traffic: left(built.traffic), revision: left(built.revision) }
  }
  const manifest = body.kind === 'merge' ? body.manifest : undefined
  const word: Word = manifest
    ? { by: 'manifest', manifest, kustomization, path }
    : patch.file
      ? { by: 'unclear', kustomization, path, why: 'a patch that does not say whose Service it is' }
      : { by: 'inline', kustomization, path }
  const traffic = member(spec, 'traffic')
  const revision = member(spec, 'template', 'metadata', 'name')
  return {
    ...built,
    ...(traffic !== undefined && { traffic: { value: traffic, word } }),
    ...(revision !== undefined && { revision: { value: revision, word } }),
  }
}

const [trafficPointer, revisionPointer] = ['/spec/traffic', '/spec/template/metadata/name'] as const

function operate({ kustomization, path, file }: Patch, operations: readonly Json[], built: Built): Built {
  const word: Word = { by: 'json', kustomization, path, ...(file && { file }) }
  let { traffic, revision } = built
  for (const operation of operations) {
    const pointer = member(operation, 'path')
    if (typeof pointer !== 'string' || member(operation, 'op') === 'test') continue
    if (touches(pointer, trafficPointer)) traffic = said(operation, pointer === trafficPointer, word, traffic)
    if (touches(pointer, revisionPointer)) revision = said(operation, pointer === revisionPointer, word, revision)
  }
  return { ...built, traffic, revision }
}

/** Whether an operation at the pointer changes the field: it stands there, inside of it, or around it. */
function touches(pointer: string, field: string): boolean {
  return pointer === field || pointer.startsWith(`${field}/`) || field.startsWith(`${pointer}/`)
}

function said(operation: Json, isWhole: boolean, word: Word, over: Said): Said {
  const [op, value] = [member(operation, 'op'), member(operation, 'value')]
  const isSet = isWhole && value !== undefined && (op === 'add' || op === 'replace')
  return isSet ? { value, word } : { value: undefined, word, over }
}
