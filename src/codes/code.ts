import type { Severity } from '../text/diagnostic.js'

/** What there is to know about one thing that the tool can say. Stands beside what says it. */
export type CodeRow = {
  /** What people type instead of the number: a few words with dashes, as permanent as the number. */
  readonly name: string
  /**
   * `error` where a stock cluster or the tool refuses, `warning` where a cluster admits and then breaks or surprises,
   * `note` where it is only good to know.
   */
  readonly severity: Severity
  readonly title: string
  /** What happens on the cluster, and what to do. Made when it is asked for: most runs print none. */
  readonly why: () => string
  /** Where upstream says so: repository path or function name. */
  readonly source?: string
  /** Whether it is judged only where it is enabled: a matter of taste, or of how a team works. */
  readonly optional?: true
  /** Whether `validate --fix` can mend some of what it finds. */
  readonly fixable?: true
}

export type Code = CodeRow & { readonly code: string }

/** Sorts by number. */
export function byCode(a: Pick<Code, 'code'>, b: Pick<Code, 'code'>): number {
  return a.code < b.code ? -1 : 1
}

/** A refusal is an error, whatever it is about. */
export type RefusalRow = Omit<CodeRow, 'severity'>

/** What codes are about. */
export type CodeClass = 'yaml' | 'schema' | 'rules' | 'refusal' | 'base-to-head' | 'kustomize'

const classes: Readonly<Record<string, CodeClass>> = {
  1: 'yaml',
  2: 'schema',
  3: 'rules',
  4: 'refusal',
  5: 'base-to-head',
  6: 'kustomize',
}

/** The class of a code, which the first digit of its number tells; undefined for what is no code. */
export function classOf(code: string): CodeClass | undefined {
  return classes[/^KN(\d)\d\d$/.exec(code)?.[1] ?? '']
}

/**
 * Whether a code stays whatever comments and configurations say: of what cannot be read nothing is known that could be
 * set aside, and a refusal is the tool's own.
 */
export function isLasting(code: string): boolean {
  return classOf(code) === 'refusal' || /^KN(?:10[1-4]|110|12\d|19[12])$/.test(code)
}
