import type { Says } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json } from '../yaml/json.js'
import { says } from './tree.js'

/** What kustomize takes at a place of a kustomization: of a mapping, its members; of a list, its items. */
type Shape =
  | 'text'
  | 'flag'
  | 'number'
  | 'texts'
  | 'flags'
  | 'any'
  | readonly [Shape]
  | { readonly [key: string]: Shape }

const gvk = { group: 'text', version: 'text', kind: 'text' } as const
const id = { ...gvk, name: 'text', namespace: 'text' } as const
const selector = { ...id, annotationSelector: 'text', labelSelector: 'text' } as const
const patch = { path: 'text', patch: 'text', target: selector, options: 'flags' } as const
const image = { name: 'text', newName: 'text', tagSuffix: 'text', newTag: 'text', digest: 'text' } as const
const fieldOptions = { delimiter: 'text', index: 'number', encoding: 'text', create: 'flag' } as const
const generatorOptions = {
  labels: 'texts',
  annotations: 'texts',
  disableNameSuffixHash: 'flag',
  immutable: 'flag',
} as const
const generator = {
  name: 'text',
  namespace: 'text',
  behavior: 'text',
  literals: ['text'],
  files: ['text'],
  envs: ['text'],
  env: 'text',
  options: generatorOptions,
} as const

/** One entry of `replacements`. */
const replacement = {
  source: { ...id, fieldPath: 'text', options: fieldOptions },
  targets: [{ select: selector, reject: [selector], fieldPaths: ['text'], options: fieldOptions }],
} as const

/** Source: sigs.k8s.io/kustomize/api/types/kustomization.go. */
const kustomization: Shape = {
  apiVersion: 'text',
  kind: 'text',
  metadata: 'any',
  openapi: 'texts',
  namePrefix: 'text',
  nameSuffix: 'text',
  namespace: 'text',
  commonLabels: 'texts',
  labels: [
    {
      pairs: 'texts',
      includeSelectors: 'flag',
      includeTemplates: 'flag',
      fields: [{ ...gvk, path: 'text', create: 'flag' }],
    },
  ],
  commonAnnotations: 'texts',
  patchesStrategicMerge: ['text'],
  patchesJson6902: [patch],
  patches: [patch],
  images: [image],
  imageTags: [image],
  replacements: [{ ...replacement, path: 'text' }],
  replicas: [{ name: 'text', count: 'number' }],
  vars: 'any',
  sortOptions: 'any',
  resources: ['text'],
  components: ['text'],
  crds: ['text'],
  bases: ['text'],
  configMapGenerator: [generator],
  secretGenerator: [{ ...generator, type: 'text' }],
  helmGlobals: 'any',
  helmCharts: 'any',
  helmChartInflationGenerator: 'any',
  generatorOptions,
  configurations: ['text'],
  generators: ['text'],
  transformers: ['text'],
  validators: ['text'],
  buildMetadata: ['text'],
}

/** What kustomize stops at when it reads a kustomization, and where. */
export type ShapeFault = {
  readonly path: Path
  readonly message: string
  readonly help?: string
  readonly says?: Says
}

/** The first thing in a kustomization that kustomize does not take. */
export function shapeFault(value: Json): ShapeFault | undefined {
  if (value === null || (isObject(value) && Object.keys(value).every((key) => key === 'apiVersion' || key === 'kind')))
    return { path: [], message: 'the kustomization is empty', ...says('kustomization.yaml is empty') }
  return faultIn(value, kustomization, []) ?? headFault(value)
}

const fieldSpec = { ...gvk, path: 'any', create: 'any' } as const
const fieldSpecs = [fieldSpec] as const

/** Source: sigs.k8s.io/kustomize/api/internal/plugins/builtinconfig/transformerconfig.go. */
const settings: Shape = {
  namePrefix: fieldSpecs,
  nameSuffix: fieldSpecs,
  namespace: fieldSpecs,
  commonLabels: fieldSpecs,
  labels: fieldSpecs,
  templateLabels: fieldSpecs,
  commonAnnotations: fieldSpecs,
  nameReference: [{ ...gvk, fieldSpecs }],
  varReference: fieldSpecs,
  images: fieldSpecs,
  replicas: fieldSpecs,
}

/** The first thing in a file of `configurations` that kustomize does not take. */
export function settingsFault(value: Json): ShapeFault | undefined {
  return faultIn(value, settings, [])
}

/**
 * The first key that kustomize takes although its capitals are others, as `Resources`. Nothing else here reads such keys.
 *
 * Source: encoding/json, which kustomize reads with.
 */
export function respelledKey(value: Json, of: 'kustomization' | 'settings'): Path | undefined {
  return respelledIn(value, of === 'settings' ? settings : kustomization, [])
}

function respelledIn(value: Json, shape: Shape, path: Path): Path | undefined {
  if (typeof shape === 'string' || (!isList(value) && !isObject(value))) return undefined
  for (const [key, own] of isList(value) ? value.entries() : Object.entries(value)) {
    const inside = partShape(shape, key)
    const here = [...path, key]
    if (inside !== undefined && !isItems(shape) && !Object.hasOwn(shape, key)) return here
    const found = inside && respelledIn(own, inside, here)
    if (found) return found
  }
  return undefined
}

function headFault(value: Json): ShapeFault | undefined {
  if (!isObject(value)) return undefined
  const { kind = '', apiVersion = '' } = value
  if (kind !== '' && kind !== 'Kustomization' && kind !== 'Component')
    return { path: ['kind'], message: '`kind` is neither `Kustomization` nor `Component`', ...says('kind should be') }
  const wanted = kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1'
  if (apiVersion === '' || apiVersion === wanted) return undefined
  return { path: ['apiVersion'], message: `\`apiVersion\` is not \`${wanted}\``, ...says('apiVersion should be') }
}

const words = { text: 'a string', flag: '`true` or `false`', number: 'a whole number' } as const

function faultIn(value: Json, shape: Shape, path: Path): ShapeFault | undefined {
  if (value === null || shape === 'any') return undefined
  if (shape === 'text' || shape === 'flag' || shape === 'number')
    return isFit(value, shape) ? undefined : odd(value, shape, path)
  if (isList(value) !== Array.isArray(shape) || (!isList(value) && !isObject(value)))
    return {
      path,
      message: `${path.length === 0 ? 'the kustomization' : `\`${formatPath(path)}\``} is not ${Array.isArray(shape) ? 'a list' : 'a mapping'}`,
      ...says('cannot unmarshal'),
    }
  for (const [key, own] of isList(value) ? value.entries() : Object.entries(value)) {
    const inside = partShape(shape, key)
    if (inside === undefined)
      return {
        path: [...path, key],
        message: `unknown field \`${key}\` in the kustomization`,
        ...says('unknown field'),
      }
    const fault = faultIn(own, inside, [...path, key])
    if (fault) return fault
  }
  return undefined
}

function partShape(shape: Exclude<Shape, 'any' | 'text' | 'flag' | 'number'>, key: string | number): Shape | undefined {
  if (shape === 'texts') return 'text'
  if (shape === 'flags') return 'flag'
  if (isItems(shape)) return shape[0]
  // Go minds no capitals here.
  return Object.hasOwn(shape, key)
    ? shape[key]
    : Object.entries(shape).find(([name]) => name.toLowerCase() === String(key).toLowerCase())?.[1]
}

function isItems(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}

function isFit(value: Json, shape: 'text' | 'flag' | 'number'): boolean {
  if (shape === 'number') return Number.isInteger(value)
  return typeof value === (shape === 'text' ? 'string' : 'boolean')
}

function odd(value: Json, shape: 'text' | 'flag' | 'number', path: Path): ShapeFault {
  const found = isList(value) ? 'a list' : isObject(value) ? 'a mapping' : `\`${String(value)}\``
  const key = path.findLast((step) => typeof step === 'string') ?? ''
  const isPlain = shape === 'text' && !isList(value) && !isObject(value)
  return {
    path,
    message: `\`${key}\` is ${found} to kustomize; must be ${words[shape]}`,
    ...says('cannot unmarshal'),
    ...(isPlain && { help: 'put it in quotes' }),
  }
}
