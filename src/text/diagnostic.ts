import type { Edit } from './edit.js'
import type { Path } from './path.js'
import type { Range } from './source.js'

/** The one right answer to a diagnostic: a field, from the root of its Service, and what must become of it. */
export type Remedy =
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'rename'; readonly path: Path; readonly to: string }
  /** The number that the text says. */
  | { readonly kind: 'number'; readonly path: Path; readonly value: number }
  /** The text that means the same. */
  | { readonly kind: 'write'; readonly path: Path; readonly value: string }
  /** The very text that stands there, in quotes. */
  | { readonly kind: 'quote'; readonly path: Path }

/**
 * `error`: the cluster would refuse it, or the tool does. `warning`: it would be admitted but break or surprise.
 * `note`: something to know that is neither.
 */
export type Severity = 'error' | 'warning' | 'note'

/** What another program prints of the same mistake, word for word: people search for it. */
export type Says = {
  readonly by: 'Knative' | 'Kubernetes' | 'kubectl' | 'kustomize' | 'kn' | 'Git'
  readonly text: string
}

/** One finding, at one place of one file. Plain data: reports turn it into text, JSON and the rest. */
export type Diagnostic = {
  /**
   * Stable and documented: `KN1xx` YAML, `KN2xx` schema, `KN3xx` Knative rules, `KN4xx` refusals,
   * `KN5xx` what goes wrong between two commits, `KN6xx` what stands around.
   */
  readonly code: string
  readonly severity: Severity
  /** One line: what is wrong, what was found, then what is allowed or what follows. */
  readonly message: string
  /** What to write or type instead. */
  readonly help?: string
  readonly says?: Says
  readonly file: string
  /** UTF-16 offsets into the file's text; absent where the whole file is meant. */
  readonly range?: Range
  /** The field, as in `spec.traffic[0].percent`. */
  readonly path?: string
  /** The service as `namespace/name`, or `name` where the file names no namespace. */
  readonly service?: string
  /** The folders of the kustomize roots that apply it so, where one builds the Service. */
  readonly roots?: readonly string[]
  /** How many seconds a Service must wait for its next stage. */
  readonly waits?: number
  /** What would settle it, where there is one right answer. */
  readonly remedy?: Remedy
  /** The same as a proved change of the file, for those who want it made. */
  readonly fix?: Fix
}

/** Edits of one file, in offsets of its text, and what they do in one line. */
export type Fix = { readonly description: string; readonly edits: readonly Edit[] }

/** Whether any of them fails a run. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}
