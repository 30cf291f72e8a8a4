import { containersPath } from '../container-names.js'
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
 * What a patch makes of a Service; undefined where it deletes it. kustomize knows no merge keys of Knative's lists, so
 * that a patch with `spec.traffic`, or with containers, replaces all of them.
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
    return {
      ...built,
      traffic: left(built.traffic),
      revision: left(built.revision),
      containers: left(built.containers),
    }
  }
  const manifest = body.kind === 'merge' ? body.manifest : undefined
  const word: Word = manifest
    ? { by: 'manifest', manifest, kustomization, path }
    : patch.file
      ? { by: 'unclear', kustomization, path, why: 'a patch that does not say whose Service it is' }
      : { by: 'inline', kustomization, path }
  const traffic = member(spec, 'traffic')
  const revision = member(spec, 'template', 'metadata', 'name')
  const containers = member(value, ...containersPath)
  return {
    ...built,
    ...(traffic !== undefined && { traffic: { value: traffic, word } }),
    ...(revision !== undefined && { revision: { value: revision, word } }),
    ...(containers !== undefined && { containers: { value: containers, word } }),
  }
}

const pointers = {
  traffic: '/spec/traffic',
  revision: '/spec/template/metadata/name',
  containers: `/${containersPath.join('/')}`,
} as const

function operate({ kustomization, path, file }: Patch, operations: readonly Json[], built: Built): Built {
  const word: Word = { by: 'json', kustomization, path, ...(file && { file }) }
  const after = (key: keyof typeof pointers): Said => {
    let field = built[key]
    for (const operation of operations) {
      const pointer = member(operation, 'path')
      if (typeof pointer !== 'string' || member(operation, 'op') === 'test') continue
      if (touches(pointer, pointers[key])) field = said(operation, pointer === pointers[key], word, field)
      else if (pointer.startsWith(`${pointers[key]}/`)) field = { ...field, isOperated: true }
    }
    return field
  }
  return { ...built, traffic: after('traffic'), revision: after('revision'), containers: after('containers') }
}

/**
 * Whether an operation at the pointer changes the field: it stands there, inside of it, or around it. Of the containers
 * only which ones they are, and their images, count.
 */
function touches(pointer: string, field: string): boolean {
  if (pointer === field || field.startsWith(`${pointer}/`)) return true
  if (!pointer.startsWith(`${field}/`)) return false
  return field !== pointers.containers || /^\/\d+(?:\/(?:image|name))?$/.test(pointer.slice(field.length))
}

function said(operation: Json, isWhole: boolean, word: Word, over: Said): Said {
  const [op, value] = [member(operation, 'op'), member(operation, 'value')]
  const isSet = isWhole && value !== undefined && (op === 'add' || op === 'replace')
  return isSet ? { value, word } : { value: undefined, word, over }
}
