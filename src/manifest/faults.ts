import type { Range } from '../text/range.js'
import type { Diagnostic, Severity } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'

/** What can be wrong with a file before anyone looks for a Service in it: one row a code. */
export const yamlFaults = {
  KN101: { severity: 'error', title: 'not valid YAML' },
  KN102: { severity: 'error', title: 'not UTF-8' },
  KN103: { severity: 'note', title: 'a template, not YAML' },
  KN104: { severity: 'error', title: 'too large' },
  KN105: { severity: 'warning', title: 'a key stands twice in one mapping' },
  KN106: { severity: 'error', title: 'a key that is no string' },
  KN107: { severity: 'error', title: 'an alias that cannot be followed' },
  KN108: { severity: 'error', title: 'a value that JSON cannot hold' },
  KN109: { severity: 'error', title: 'a directive or document marker that kubectl refuses' },
  KN110: { severity: 'error', title: 'nested too deeply' },
  KN111: { severity: 'error', title: 'a document that is no Kubernetes object' },
  KN112: { severity: 'warning', title: 'a value that kustomize and Flux read otherwise than kubectl' },
  KN113: { severity: 'warning', title: 'a file that older kubectl take for broken JSON' },
  KN114: { severity: 'error', title: 'Path is not a regular file' },
} as const satisfies Readonly<Record<string, { severity: Severity; title: string }>>

/** The code of a row. */
export type YamlCode = keyof typeof yamlFaults

/** A problem of the YAML itself, before it belongs to a file. */
export type YamlFault = {
  readonly code: YamlCode
  readonly message: string
  readonly help?: string
  readonly range: Range
}

/** The diagnostic of a fault, once its file is known. */
export function yamlDiagnostic(file: SourceFile, fault: YamlFault): Diagnostic {
  return { severity: yamlFaults[fault.code].severity, file: file.path, ...fault }
}
