import type { CodeRow } from '../codes/code.js'
import type { Filled } from '../kustomize/layers/substitute.js'
import { type Manifest, withOther } from '../manifest/manifest.js'
import { lineNumber } from '../text/source.js'
import { formatPath, type Path } from '../text/path.js'
import type { Finding } from './rule.js'

/** What is said of variables that files do not tell. */
export const variableRemarks = {
  KN613: {
    name: 'unknown-variable',
    severity: 'note',
    title: 'Not checked: values of Flux variables',
    source: 'fluxcd.io/flux/components/kustomize/kustomizations: post build variable substitution',
    why: () =>
      'Flux fills in `${NAME}` after the build. Values in `postBuild.substitute` are in the file; those of ConfigMaps and Secrets are only in the cluster, and a variable without value or default becomes empty.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

/** Whether a field has a variable in it, or below it, that is not told. */
export function isUnknown({ unknown }: Filled, path: Path): boolean {
  return unknown.some((one) => path.every((step, index) => one.path[index] === step))
}

/** One note for all variables of a Service that are not told. */
export function unknownFinding({ unknown }: Filled): Finding | undefined {
  const [first] = unknown
  if (!first) return undefined
  const names = [...new Set(unknown.map(({ name }) => `\`\${${name}}\``))]
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : ''
  const message = `not checked: ${names.slice(0, 3).join(', ')}${rest} (Flux fills in values that no file here has)`
  return { path: first.path, message }
}

/** The Service as Flux makes it: with the values in the place of the variables, and the ranges of its file. */
export function filledManifest(manifest: Manifest, { value }: Filled): Manifest {
  const metadata = value['metadata']
  const name = textIn(metadata, 'name') ?? manifest.name
  return withOther(manifest, { value, name, namespace: textIn(metadata, 'namespace') ?? manifest.namespace })
}

function textIn(value: unknown, key: string): string | undefined {
  const found =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined
  return typeof found === 'string' ? found : undefined
}

/** What to change where the value of a variable is wrong: the line that has it. */
export function helpForVariable({ used }: Filled, path: string | undefined): string | undefined {
  const laid = used.find((one) => formatPath(one.path) === path)
  return laid && `change the value in ${laid.spot.file.path}:${lineNumber(laid.spot.file.text, laid.spot.range.start)}`
}
