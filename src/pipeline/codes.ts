import { yamlFaults } from '../manifest/faults.js'
import { ownFaults } from '../manifest/own-faults.js'
import { schemaFaults } from '../manifest/schema.js'
import { obstacles } from '../manifest/splice/obstacle.js'
import { overlayRules } from '../rules/overlays/table.js'
import { rules } from '../rules/table.js'
import { blanks } from '../guards/blanks.js'
import { policyRemarks } from '../guards/policy.js'
import { guards } from '../guards/table.js'
import { removals } from '../guards/removed.js'
import { stageRefusals } from '../stages/refusals.js'
import { stageRemarks } from '../stages/remark.js'
import type { Severity } from '../text/diagnostic.js'
import { reachRemarks } from './reach-remarks.js'
import { unreadRemarks } from './unread.js'

/** Why a run can refuse besides what stages and layouts say: one row a code. */
export const runRefusals = {
  KN410: 'an API version that clusters no longer serve',
  KN417: 'the cluster would refuse the result',
  KN420: 'a Service that is asked for is not there',
  KN421: 'there is no Service',
  KN422: 'more than one Service, and none chosen',
  KN423: 'a symbolic link out of the repository',
  KN424: 'a stage that there is not',
  KN458: 'Template cannot be restored',
  KN460: 'others would change along with the overlay',
  KN461: 'traffic in a patch inside of a kustomization',
  KN462: 'traffic that a JSON patch sets',
  KN463: 'another controller owns the traffic',
  KN464: 'an overlay whose traffic cannot be told',
  KN465: 'a template that another file decides on than the traffic',
  KN466: 'an image that is decided elsewhere',
} as const

/** A code that a diagnostic can carry, and what it stands for. */
export type CodeRow = {
  readonly code: string
  readonly severity: Severity
  readonly title: string
  readonly source?: string
  /** Whether it is judged only where it is enabled. */
  readonly optional?: true
  /** Whether `validate --fix` can mend some of what it finds. */
  readonly fixable?: true
}

/** Every code there is, in order. */
export const codes: readonly CodeRow[] = [
  ...Object.entries({
    ...yamlFaults,
    ...ownFaults,
    ...schemaFaults,
    ...stageRemarks,
    ...reachRemarks,
    ...blanks,
    ...removals,
    ...policyRemarks,
    ...unreadRemarks,
  }).map(([code, row]) => ({
    code,
    ...row,
  })),
  ...overlayRules.map(({ code, severity, title, source }) => ({ code, severity, title, source })),
  ...rules.map(({ code, severity, title, source, optional, fixable }) => {
    return { code, severity, title, source, ...(optional && { optional }), ...(fixable && { fixable }) }
  }),
  ...guards.map(({ code, severity, title, source }) => ({
    code,
    severity,
    title,
    ...(source !== undefined && { source }),
  })),
  ...Object.entries({ ...stageRefusals, ...obstacles, ...runRefusals }).map(([code, title]) => {
    return { code, severity: 'error' as const, title }
  }),
].toSorted((a, b) => (a.code < b.code ? -1 : 1))
