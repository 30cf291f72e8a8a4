// Random trees, built by this tool and by the real kustomize inside kubectl: the Knative Services must be the same.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'

import { Builder, type BuiltRoot } from '../../src/kustomize/build.js'
import { Folders } from '../../src/kustomize/folders.js'
import type { SourceFile } from '../../src/text/source.js'
import { isList, isObject, type Json, member, sameJson } from '../../src/yaml/json.js'
import type { Tree } from '../trees.js'
import { randomTree } from './kustomize-trees.js'

/** What came of one tree. */
type Verdict = 'equal' | 'different' | 'both refuse' | 'only we refuse' | 'only kubectl refuses' | 'not checked'

/** What came of a run, for people to read and for tests to ask. */
export type SoakReport = {
  readonly counts: Readonly<Record<Verdict, number>>
  readonly lines: readonly string[]
  readonly shares: ReadonlyMap<string, number>
}

const isKustomization = (name: string): boolean => /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(name)

/** What this tool builds of a folder of the tree. */
export function ours(tree: Tree, folder: string): BuiltRoot | undefined {
  const files = new Map<string, SourceFile>(Object.entries(tree).map(([name, text]) => [name, { path: name, text }]))
  const kustomizations = new Map([...files].filter(([name]) => isKustomization(name)))
  const folders = new Folders(kustomizations)
  const builder = new Builder(folders, { file: (place) => files.get(place), has: (place) => files.has(place) })
  const root = folders.in(folder)
  return root && builder.build(root)
}

/** The Knative Services that kubectl prints for a folder on the disk; undefined, and why, where it refuses. */
export async function theirs(folder: string): Promise<{ readonly services?: readonly Json[]; readonly why: string }> {
  const child = spawn('kubectl', ['kustomize', folder], { env: { ...process.env, GOGC: 'off' } })
  let [out, why] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (why += chunk.toString()))
  const status = await new Promise((resolve) => child.on('close', resolve))
  if (status !== 0) return { why }
  const services = parseAllDocuments(out, { uniqueKeys: false })
    .map((document): Json => document.toJS({ maxAliasCount: -1 }) as Json)
    .filter(
      (value) =>
        JSON.stringify(member(value, 'apiVersion') ?? '').includes('serving.knative.dev/') &&
        member(value, 'kind') === 'Service',
    )
  return { services, why }
}

function label(value: Json | undefined): string {
  return JSON.stringify([member(value, 'metadata', 'namespace') ?? '', member(value, 'metadata', 'name') ?? ''])
}

function byName(services: readonly Json[]): readonly Json[] {
  return services.toSorted((a, b) => (label(a) < label(b) ? -1 : 1))
}

/** The first place where two values differ. */
export function firstDifference(a: Json | undefined, b: Json | undefined, at = ''): string | undefined {
  if (sameJson(a, b)) return undefined
  if (isObject(a) && isObject(b))
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[key], b[key], `${at}/${key}`)
      if (found !== undefined) return found
    }
  if (isList(a) && isList(b) && a.length === b.length)
    for (const [index, item] of a.entries()) {
      const found = firstDifference(item, b[index], `${at}/${index}`)
      if (found !== undefined) return found
    }
  return `${at}: ours ${JSON.stringify(a)}, kubectl ${JSON.stringify(b)}`
}

/** How the two compare. */
export function compared(
  built: BuiltRoot | undefined,
  their: Awaited<ReturnType<typeof theirs>>,
): { readonly verdict: Verdict; readonly what: string } {
  if (!built) return { verdict: 'not checked', what: 'no kustomization' }
  const [fault] = [...built.faults, ...built.outside]
  if (built.notBuilt.length > 0)
    return { verdict: 'not checked', what: built.notBuilt.map(({ why, name }) => `${why} ${name}`).join(', ') }
  if (fault)
    return their.services
      ? { verdict: 'only we refuse', what: fault.message }
      : { verdict: 'both refuse', what: `${fault.message} <> ${their.why}` }
  if (!their.services) return { verdict: 'only kubectl refuses', what: their.why.trim() }
  const mine = built.services.map(({ manifest }) => manifest.value)
  const what = firstDifference(byName(mine), byName(their.services))
  return what === undefined ? { verdict: 'equal', what: '' } : { verdict: 'different', what }
}

/** Builds so many trees, from this seed on, two at a time. */
export async function soakBuilds(runs: number, seed: number): Promise<SoakReport> {
  const counts: Record<Verdict, number> = {
    equal: 0,
    different: 0,
    'both refuse': 0,
    'only we refuse': 0,
    'only kubectl refuses': 0,
    'not checked': 0,
  }
  const lines: string[] = []
  const features = new Map<string, number>()
  const disk = mkdtempSync(path.join(tmpdir(), 'kn-rollout-soak-'))
  let next = seed
  const work = async (): Promise<void> => {
    for (let own = next++; own < seed + runs; own = next++) {
      const { tree, root, features: names } = randomTree(own)
      for (const name of names) features.set(name, (features.get(name) ?? 0) + 1)
      const folder = path.join(disk, String(own))
      for (const [name, text] of Object.entries(tree)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
        writeFileSync(path.join(folder, name), text)
      }
      const { verdict, what } = compared(ours(tree, root), await theirs(path.join(folder, root)))
      rmSync(folder, { recursive: true, force: true })
      counts[verdict]++
      if (verdict !== 'equal' && verdict !== 'both refuse') lines.push(`seed ${own}: ${verdict}: ${what.slice(0, 600)}`)
    }
  }
  try {
    await Promise.all([work(), work()])
  } finally {
    rmSync(disk, { recursive: true, force: true })
  }
  const shares = new Map([...features].map(([name, count]) => [name, (100 * count) / runs]))
  return { counts, lines, shares }
}
