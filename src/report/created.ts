import type { Origin } from '../pipeline/create-flags.js'
import type { Outcome } from '../pipeline/request.js'
import { type Address, serviceUrl, type UrlScheme } from '../stages/url.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { printable } from '../text/printable.js'
import { shellPath } from '../text/words.js'
import type { Paint } from './cells.js'
import { adviceLines, diagnosticsText, messageLine } from './text.js'

/** What there is to tell about a new manifest. */
export type CreatedFacts = {
  readonly name: string
  readonly namespace?: string
  /** The namespace that the kustomization beside it gives to its resources. */
  readonly kustomizeNamespace?: string
  /** Its first revision, where it has a name of its own. */
  readonly revision?: string
  readonly address: Address
  readonly isGuessedDomain: boolean
}

/** What is odd about the place of a new file: other files that make the same object, a namespace that gets lost. */
export function warningText(
  { name, namespace, kustomizeNamespace }: CreatedFacts,
  namesakes: readonly string[],
  kustomization: string | undefined,
  colours: Paint,
): string {
  const warning = colours.warning('warning:')
  const label = `\`${namespace === undefined ? '' : `${namespace}/`}${name}\``
  const unless = namespace === undefined ? ' unless they are applied to different namespaces' : ''
  const same = namesakes.map((file) => `${warning} ${file} has a Service ${label}, too: both make one object${unless}`)
  const isLost = namespace !== undefined && kustomizeNamespace !== undefined && namespace !== kustomizeNamespace
  const lost = `${warning} ${kustomization} sets \`namespace: ${kustomizeNamespace}\`, which overrides \`${namespace}\``
  return [...same, ...(isLost ? [lost] : [])].map((line) => `${printable(line)}\n`).join('')
}

/** Which files were written. */
export function createdText(
  file: string,
  kustomization: { readonly path: string; readonly isNew: boolean } | undefined,
): string {
  const listed = kustomization ? `, and ${kustomization.path} lists it${kustomization.isNew ? '' : ' already'}` : ''
  return `${printable(`${file} written${listed}`)}\n`
}

/** Where the Service will be found, and what that rests on. */
export function addressText({ address, isGuessedDomain }: CreatedFacts, scheme: UrlScheme): string {
  const url = serviceUrl(address, scheme)
  const isGuessed = isGuessedDomain && url.includes('example.com')
  const guess = isGuessed ? ' (add --domain for the domain of your cluster)' : ''
  return `${printable(`URL: ${url}${guess}`)}\n`
}

/** What to do next, in one line. */
export function nextText({ name, revision }: CreatedFacts, file: string | undefined): string {
  const shown = file === undefined ? 'FILE' : shellPath(file)
  const commit = file === undefined ? 'save it as a file and commit it' : 'commit it'
  const then =
    revision === undefined
      ? `after its first revision is ready, pin the traffic: kn-rollout apply pin ${shown} --stable ${name}-00001`
      : `for the next version run: kn-rollout release ${shown} --image :TAG`
  return `${printable(`next: ${commit}; ${then}`)}\n`
}

/**
 * The diagnostics of a manifest that flags have made, each with the flag that it comes from in place of a line. What one
 * flag wrote in several places is complained about in the first of them; what comes from none is shown in the text.
 */
export function blamedText(outcome: Outcome, origins: readonly Origin[], colours: Paint): string {
  const leading = new Map<string, string>()
  const blamed = outcome.diagnostics.map((diagnostic) => ({ diagnostic, origin: originOf(diagnostic, origins) }))
  for (const { path, flag } of origins)
    if (!leading.has(flag) && blamed.some(({ origin }) => origin?.path === path)) leading.set(flag, path)
  return blamed
    .filter(({ origin }) => !origin || leading.get(origin.flag) === origin.path)
    .map(({ diagnostic, origin }) => {
      if (!origin) return diagnosticsText({ ...outcome, diagnostics: [diagnostic] }, colours)

      const flag = colours.strong(`${printable(origin.flag)}:`)
      const { severity } = diagnostic
      return `${flag} ${colours[severity](`${severity}:`)} ${messageLine(diagnostic)}\n${adviceLines(diagnostic)}`
    })
    .join('')
}

/** The flag whose field holds the one that is complained about. */
function originOf({ path = '' }: Diagnostic, origins: readonly Origin[]): Origin | undefined {
  return origins.find(
    (origin) => path === origin.path || (path.startsWith(origin.path) && /^[.[]/.test(path.slice(origin.path.length))),
  )
}
