import { findManifests } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import { formatPath, type Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member, sameJson } from '../yaml/json.js'
import type { AppliedService, BuiltRoot, NotBuilt } from './built-object.js'
import { isRemote, type Kustomization } from './kustomization.js'

/** What the real kustomize made of a root: its output, or why there is none. */
export type RealBuild = { readonly text: string } | { readonly reason: string }

type Difference = NonNullable<BuiltRoot['differences']>[number]

/** What cannot be read here, and yet has the real kustomize neither ask a server nor start a program. */
const readElsewhere: ReadonlySet<NotBuilt['why']> = new Set(['openapi', 'crds', 'vars', 'unclear'])

/**
 * Whether the real kustomize can be trusted with a root: all that leads to it is at hand, and nothing of it is on a server,
 * a chart, a plugin or a program.
 *
 * @param parts The kustomizations that it is built from.
 */
export function isLocalBuild({ notBuilt, faults }: BuiltRoot, parts: readonly Kustomization[]): boolean {
  const isAtHand = faults.length === 0 && notBuilt.every(({ why }) => readElsewhere.has(why))
  return isAtHand && parts.every(({ value }) => !startsSomething(value) && !namesServer(value))
}

const starting = [
  'helmCharts',
  'helmChartInflationGenerator',
  'helmGlobals',
  'generators',
  'transformers',
  'validators',
]

function startsSomething(value: Json): boolean {
  return starting.some((key) => member(value, key) !== undefined)
}

/** The fields whose texts are words, and no places. */
const plain = new Set([
  'commonAnnotations',
  'commonLabels',
  'labels',
  'images',
  'metadata',
  'patch',
  'literals',
  'buildMetadata',
])

/** Any text that kustomize may fetch. */
function namesServer(value: Json): boolean {
  if (typeof value === 'string') {
    const place = value.slice(value.indexOf('=') + 1)
    return !value.includes('\n') && [value, place].some((one) => one.includes('://') || isRemote(one))
  }
  if (isList(value)) return value.some(namesServer)
  return isObject(value) && Object.entries(value).some(([key, one]) => !plain.has(key) && namesServer(one))
}

/**
 * A root as the real kustomize builds it: its values, at the places that decide on ours. What both make of a Service is
 * compared, and what differs is said.
 */
export function asReal(built: BuiltRoot, real: RealBuild): BuiltRoot {
  if ('reason' in real)
    return {
      ...built,
      differences: [{ message: `the installed kustomize does not build this: ${real.reason}` }],
    }
  const file = { path: built.root.file.path, text: real.text }
  const theirs = new Map(findManifests(file).manifests.map((one) => [one.label, one] as const))
  const ours = new Set(built.services.map(({ manifest }) => manifest.label))
  const differences: Difference[] = []
  const services = built.services.flatMap((service): readonly AppliedService[] => {
    const { manifest } = service
    const other = theirs.get(manifest.label)
    if (!other) {
      differences.push({
        message: 'the installed kustomize does not build this Service',
        service: manifest.label,
      })
      return []
    }
    const where = firstDifference(manifest.value, other.value)
    if (where === undefined) return [service]
    const message = `the installed kustomize builds \`${formatPath(where)}\` of \`${manifest.label}\` as ${shown(other.value, where)}, \`kn-rollout\` as ${shown(manifest.value, where)}`
    differences.push({ message, service: manifest.label })
    return [{ ...service, manifest: { ...asBuilt(manifest), value: other.value } }]
  })
  const added = [...theirs.values()].filter(({ label }) => !ours.has(label))
  for (const { label } of added)
    differences.push({
      message: `the installed kustomize builds \`${label}\`, \`kn-rollout\` does not`,
      service: label,
    })
  return { ...built, services: [...services, ...added.map((one) => onlyTheirs(built, one))], differences }
}

/** The Service without its document, which is that of the other build. */
function asBuilt(manifest: Manifest): Manifest {
  const { spotOf, ...rest } = manifest
  return { ...rest, ...(spotOf && { spotOf }) }
}

/** A Service that only the real kustomize builds: all of it stands at the kustomization. */
function onlyTheirs({ root }: BuiltRoot, manifest: Manifest): AppliedService {
  const { name, namespace = '' } = manifest
  const spot = { file: root.file, range: { start: 0, end: 0 } }
  const own = { ...manifest, file: { ...root.file, text: '' }, spotOf: () => spot }
  return { root, base: own, ids: [{ name, namespace }], manifest: own, sources: [root.file] }
}

/** The first place where two values differ. */
function firstDifference(one: Json, other: Json, path: Path = []): Path | undefined {
  if (sameJson(one, other)) return undefined
  const steps =
    isObject(one) && isObject(other) ? keysOf(one, other) : isList(one) && isList(other) ? indicesOf(one, other) : []
  for (const step of steps) {
    const [a, b] = [at(one, step), at(other, step)]
    if (a === undefined || b === undefined) return [...path, step]
    const found = firstDifference(a, b, [...path, step])
    if (found) return found
  }
  return path
}

function keysOf(one: JsonObject, other: JsonObject): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
}

function indicesOf(one: readonly Json[], other: readonly Json[]): readonly number[] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => index)
}

function at(value: Json | undefined, step: Path[number]): Json | undefined {
  return typeof step === 'number' ? (isList(value) ? value[step] : undefined) : member(value, step)
}

/** A value in a message: short. */
function shown(value: Json, path: Path): string {
  let found: Json | undefined = value
  for (const step of path) found = at(found, step)
  const text = found === undefined ? 'nothing' : JSON.stringify(found)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

const longest = 40
