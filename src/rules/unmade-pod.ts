import type { Path } from '../text/path.js'
import { type Finding, quoted, shown } from './rule.js'

/** What is wrong with a field of a Pod, in the words of a finding. */
type Fault = {
  /** What it must be or not, behind `must`. */
  readonly must: string
  /** What Kubernetes says of it: left out where the line has no room for it. */
  readonly said?: string
  readonly help?: string
}

/**
 * The finding about a field that Knative admits and Kubernetes refuses: no Deployment is ever made of the revision, and
 * the Service waits for it without a word.
 */
export function unmade(path: Path, { must, said, help }: Fault, part?: Finding['part']): Finding {
  const message = `${quoted(path)} must ${must}: no Pod can be made of it`
  const whole = said === undefined ? message : `${message}, "${said}"`
  return {
    message: whole.length > longest ? message : whole,
    ...(help !== undefined && { help }),
    path,
    ...(part !== undefined && { part }),
  }
}

/** The same about a field that is not there. */
export function unset(path: Path, help: string): Finding {
  return unmade(path, { must: 'be set, but is missing', said: 'Required value', help })
}

/** When an image is fetched; left out, its tag decides. */
export const pullPolicies: ReadonlySet<string> = new Set(['Always', 'IfNotPresent', 'Never'])

/** What a line of a report has room for. */
const longest = 160

/** Leaves room for the rest of the line. */
const mostShown = 40

/** A text that was found, cut where it is long. */
export function brief(text: string): string {
  return shown(text.length > mostShown ? `${text.slice(0, mostShown)}…` : text)
}
