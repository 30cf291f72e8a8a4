import type { CodeRow } from '../codes/code.js'
import type { Builds } from '../kustomize/builds.js'
import type { Kustomization } from '../kustomize/kustomization.js'
import type { Manifest, Part } from '../manifest/manifest.js'
import type { Path } from '../text/path.js'

/** What a rule has to say about one field of a kustomization, or of a patch that it names. */
export type OverlayFinding = {
  /** One line: must or must not, the field in back-quotes, what was found. */
  readonly message: string
  readonly help?: string
  /** Whose field it is. */
  readonly at: Kustomization | Manifest
  readonly path: Path
  readonly part?: Part
  /** The Service that it is about. */
  readonly service: string
}

/** One thing that a kustomization can do to the Services that it builds, as data. Never throws on what a user wrote. */
export type OverlayRule = CodeRow & {
  readonly code: `KN6${string}`
  readonly check: (kustomization: Kustomization, builds: Builds) => Iterable<OverlayFinding>
}
