import type { Path } from '../../text/path.js'
import type { SourceFile } from '../../text/source.js'
import type { Json } from '../json.js'
import type { Manifest } from '../manifest.js'
import type { Kustomization } from './kustomization.js'
import type { Id } from './selector.js'

/** Who has the last word on a field of a Service: text that can be edited, or what stands in the way of that. */
export type Word =
  /** The Service itself, or a patch in a file of its own. */
  | {
      readonly by: 'manifest'
      readonly manifest: Manifest
      readonly kustomization?: Kustomization
      readonly path?: Path
    }
  /** A patch that stands in the kustomization. */
  | { readonly by: 'inline'; readonly kustomization: Kustomization; readonly path: Path }
  /** Operations of a JSON patch, in a file or in the kustomization. */
  | { readonly by: 'json'; readonly kustomization: Kustomization; readonly path: Path; readonly file?: SourceFile }
  /** A patch whose outcome these files do not tell. */
  | { readonly by: 'unclear'; readonly kustomization: Kustomization; readonly path: Path; readonly why: string }

/** A field with who said it last. */
export type Said = {
  /** Undefined where the field is absent, or cannot be told. */
  readonly value: Json | undefined
  readonly word: Word
  /** What it was before, where part of that may still be there. */
  readonly over?: Said
  /** Set where operations change parts inside of it that the value does not show. */
  readonly isOperated?: true
}

/** One Service as a kustomization builds it from its file. */
export type Built = {
  /** The Service that all of it starts from. */
  readonly base: Manifest
  /** The names that it had, the present one last: patches may use any of them. */
  readonly ids: readonly Id[]
  readonly traffic: Said
  /** `spec.template.metadata.name`. */
  readonly revision: Said
  /** `spec.template.spec.containers`: which ones, and their images before `images` have their say. */
  readonly containers: Said
  /** The kustomizations that it went through, the one that builds it last. */
  readonly through: readonly Kustomization[]
}

/** The present name of a built Service. */
export function nameOf({ ids }: Built): Id {
  return ids.at(-1) ?? { name: '', namespace: '' }
}

/** `namespace/name`, or `name`, as the cluster would know it. */
export function labelOf(built: Built): string {
  const { name, namespace } = nameOf(built)
  return namespace === '' ? name : `${namespace}/${name}`
}

/** The manifests that a field has to do with: the one that says it, and those that it is made from. */
export function sourcesOf(field: Said): readonly Manifest[] {
  const manifests: Manifest[] = []
  for (let said: Said | undefined = field; said; said = said.over)
    if (said.word.by === 'manifest') manifests.push(said.word.manifest)
  return manifests
}
