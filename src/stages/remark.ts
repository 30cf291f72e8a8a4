import type { StageRefusalCode } from './refusals.js'

/** What a move has to say of a Service without refusing it: one row a code. */
export const stageRemarks = {
  KN436: { severity: 'note', title: 'a Service that `next` leaves as it is' },
  KN437: { severity: 'warning', title: 'a revision that the cluster may have collected' },
  KN438: { severity: 'warning', title: 'a revision that nothing knows' },
  KN439: { severity: 'warning', title: 'a live object of other Services, or a history that cannot be read' },
  KN446: { severity: 'warning', title: 'there is nothing to release' },
  KN447: { severity: 'note', title: 'the name of the next revision is a prediction' },
  KN448: { severity: 'warning', title: 'a prediction that rests on too little' },
  KN449: { severity: 'note', title: '`@latest` follows every later change of the template' },
  KN455: { severity: 'note', title: 'not checked: whether a candidate without a history was rolled back' },
  KN456: { severity: 'note', title: 'Release replaces a revision that was rolled back' },
} as const

export type StageRemarkCode = keyof typeof stageRemarks

/** Something to know of a Service that is moved, or the reason why it is not. Fails nothing by itself. */
export type Remark = {
  readonly code: StageRemarkCode | StageRefusalCode
  readonly severity: 'warning' | 'note'
  readonly message: string
  readonly help?: string
}
