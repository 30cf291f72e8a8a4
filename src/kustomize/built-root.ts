import type { Says } from '../text/diagnostic.js'
import type { Manifest } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { Id, Kustomization } from './kustomization.js'

/** What others need to know of another object of a build. */
export type LightObject = {
  readonly group: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** The names that it had before. */
  readonly previous: readonly string[]
}

/** A Knative Service as a root yields it. */
export type AppliedService = {
  readonly root: Kustomization
  /** The document in a resource file that it starts from. */
  readonly base: Manifest
  /** The names that it had, the present one last. */
  readonly ids: readonly Id[]
  /** The Service as it is built; its `file` has no text of its own, `spotOf` says where things are. */
  readonly manifest: Manifest
  /** Every file that had a say. */
  readonly sources: readonly SourceFile[]
}

/** What of a root cannot be built from these files. */
export type NotBuilt = {
  readonly at: Kustomization
  readonly path: Path
  readonly why:
    | 'remote'
    | 'template'
    | 'chart'
    | 'plugin'
    | 'missing'
    | 'openapi'
    | 'crds'
    | 'vars'
    | 'unclear'
    | 'too many'
  readonly name: string
}

/** What kustomize itself refuses. */
export type BuildFault = {
  readonly at: Kustomization
  readonly path: Path
  readonly message: string
  readonly help?: string
  readonly says?: Says
}

/** What a root yields: nothing where kustomize refuses it. */
export type BuiltRoot = {
  readonly root: Kustomization
  readonly services: readonly AppliedService[]
  /** The other objects of the build. */
  readonly objects: readonly LightObject[]
  readonly notBuilt: readonly NotBuilt[]
  readonly faults: readonly BuildFault[]
  /** Files outside of the folder that names them: kubectl and Argo CD refuse them, Flux does not. */
  readonly outside: readonly BuildFault[]
  /** Where the real kustomize was asked: how what it builds differs. */
  readonly differences?: readonly { readonly message: string; readonly service?: string }[]
}

/** The `vars` of a kustomization. */
export type Variables = { readonly at: Kustomization; readonly names: readonly string[] }
