import { formatPath, type Path } from '../text/path.js'
import { kubernetes, type Finding, shown } from './rule.js'

/** What is wrong with a field of a Pod, in the words of a finding. */
type Fault = {
  /** What is wrong with it, after the name of the field. */
  readonly what: string
  /** What Kubernetes says of it. */
  readonly said?: string
  readonly help?: string
}

/**
 * The finding about a field that Knative accepts and Kubernetes rejects: no Deployment is ever made of the revision, and
 * the Service waits for it silently.
 */
export function unmade(path: Path, { what, said, help }: Fault, part?: Finding['part']): Finding {
  return {
    message: `${inPod(path)} ${what}: Kubernetes will reject the revision's Deployment`,
    ...(help !== undefined && { help }),
    ...(said !== undefined && { says: kubernetes(said) }),
    path,
    ...(part !== undefined && { part }),
  }
}

/** A warning names a field from the template's `spec` on. */
function inPod(path: Path): string {
  return `\`${formatPath(path).replace(/^spec\.template\.spec\./, '')}\``
}

/** The same about a field that is not there. */
export function unset(path: Path, help: string): Finding {
  return unmade(path, { what: 'is missing', said: 'Required value', help })
}

/** When an image is fetched; left out, its tag decides. */
export const pullPolicies: ReadonlySet<string> = new Set(['Always', 'IfNotPresent', 'Never'])

/** Leaves room for the rest of the line. */
const mostShown = 40

/** A text that was found, cut where it is long. */
export function brief(text: string): string {
  return shown(text.length > mostShown ? `${text.slice(0, mostShown)}…` : text)
}
