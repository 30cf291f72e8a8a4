// Trees of files as `plan` takes them: what a folder run would find, without a disk.
import { gathered, treeOf } from '../src/io/appliers.js'
import { hasLayer } from '../src/kustomize/appliers.js'
import { findManifests } from '../src/manifest/find.js'
import { Kustomizations } from '../src/pipeline/kustomizations.js'
import { plan } from '../src/pipeline/plan.js'
import type { Outcome, Request, Surroundings } from '../src/pipeline/request.js'
import type { SourceFile } from '../src/text/source.js'

/** Texts by their path. */
export type Tree = Readonly<Record<string, string>>

const isKustomization = (path: string): boolean => /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(path)

export function sourcesIn(tree: Tree): {
  readonly sources: readonly SourceFile[]
  readonly surroundings: Surroundings
} {
  const all = Object.entries(tree).map(([path, text]) => ({ path, text }))
  const kustomizations = all.filter(({ path }) => isKustomization(path))
  const patches = new Set(kustomizations.flatMap(({ text }) => text.match(/[\w-]*patch[\w-]*\.yaml/g) ?? []))
  const files = all
    .filter(({ path }) => !isKustomization(path))
    .map((file) => (patches.has(file.path.split('/').at(-1) ?? '') ? { ...file, isPatch: true as const } : file))
  const sources = files.filter(({ text }) => text.includes('serving.knative.dev/v1\nkind: Service'))
  const owners = files.filter((file) => !sources.includes(file))
  const tell = treeOf(Object.keys(tree), (place) => all.find(({ path }) => path === place))
  const applied = gathered(all.filter(hasLayer), [], tell, [])
  return { sources, surroundings: { kustomizations, files: owners, owners, applied } }
}

/** Runs on the whole tree, as a run without paths would. */
export function run(tree: Tree, request: Request = {}): Outcome {
  const { sources, surroundings } = sourcesIn(tree)
  return plan(sources, { ...request, surroundings })
}

/** The kustomizations of the tree, and what they build. */
export function repositoryOf(tree: Tree): Kustomizations {
  const { sources, surroundings } = sourcesIn(tree)
  return new Kustomizations(
    surroundings,
    sources.map((file) => ({ file, reading: findManifests(file) })),
  )
}
