import type { Finding } from '../rules/rule.js'
import type { Severity } from '../text/diagnostic.js'
import { formatPath } from '../text/path.js'
import type { Guard, Passage } from './guard.js'

const onlyLast = 'if only the last commit is synced'
const onlyEach = 'if each commit is synced by itself'

/** What a guard finds, and how loud it is. */
export type Heard = { readonly severity: Severity; readonly finding: Finding }

/**
 * What a guard finds in a change, however its commits come to the cluster: all of them, or the last one alone. What is so
 * in one case only says in which. A branch is mostly merged at once: a refusal that only its single commits would meet is
 * a warning.
 */
export function heard(guard: Guard, passage: Passage): readonly Heard[] {
  const { severity, check, asksCluster } = guard
  const once = [...check(passage)]
  if (!passage.each || !asksCluster) return once.map((finding) => ({ severity, finding }))
  const { each, ...others } = passage
  const stepwise = [...check({ ...others, cluster: each })]
  const softer = severity === 'error' ? 'warning' : severity
  return [
    ...once.map((finding) => ({ severity, finding: isIn(stepwise, finding) ? finding : limited(finding, onlyLast) })),
    ...stepwise
      .filter((finding) => !isIn(once, finding))
      .map((finding) => ({ severity: softer, finding: limited(finding, onlyEach) })),
  ]
}

function limited(finding: Finding, when: string): Finding {
  return { ...finding, message: `${finding.message} (${when})` }
}

function isIn(findings: readonly Finding[], { path }: Finding): boolean {
  return findings.some((one) => formatPath(one.path) === formatPath(path))
}
