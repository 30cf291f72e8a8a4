import type { CodeRow } from '../codes/code.js'
import type { StageRefusalCode } from './refusals.js'

/** What a move has to say of a Service without refusing it: one row a code. */
export const stageRemarks = {
  KN436: {
    name: 'no-next-stage',
    severity: 'note',
    title: 'a Service that `next` leaves as it is',
    why: () =>
      'Nothing is under way for this Service, or its plan has no stage left, so `next` has nothing to move; that is no error. `release` or a new name in the template starts a rollout.',
  },
  KN437: {
    name: 'collected-revision',
    severity: 'warning',
    title: 'a revision that the cluster may have collected',
    why: () =>
      'Once no target names a revision, a cluster may delete it after 15 hours, save for the 20 newest ones that are not active; sent to a revision that is gone, the whole split stays where it is. Look it up with `kubectl get revisions` before you merge.',
  },
  KN438: {
    name: 'unknown-revision',
    severity: 'warning',
    title: 'a revision that nothing knows',
    why: () =>
      'A missing revision holds back the whole split on the cluster. The name is in no template, no target and no commit, so it is most likely misspelt; if the cluster has it all the same, go on.',
  },
  KN439: {
    name: 'unusable-evidence',
    severity: 'warning',
    title: 'a live object of other Services, or a history that cannot be read',
    why: () =>
      'What would have told the roles says nothing of this Service, so they were told without it. Save the live object of the Service that you move, or see to what Git complains about.',
  },
  KN446: {
    name: 'nothing-to-release',
    severity: 'warning',
    title: 'there is nothing to release',
    why: () =>
      'A new revision takes a change of the template, and the file has these values already. If the revision that they make has no route of its own yet, `apply preview` gives it one.',
  },
  KN447: {
    name: 'predicted-name',
    severity: 'note',
    title: 'the name of the next revision is a prediction',
    why: () =>
      'Knative numbers revisions by the changes of the template that it has seen one by one: a commit that is squashed or skipped, or a change by another hand, makes the number wrong. Read what the prediction rests on before you merge; own names need none.',
  },
  KN448: {
    name: 'uncertain-prediction',
    severity: 'warning',
    title: 'a prediction that rests on too little',
    why: () =>
      'The cluster may have counted differently than the file tells, and a target that never comes holds back the whole split. Compare with `kubectl get ksvc`, or hand over what that prints with --live.',
  },
  KN449: {
    name: 'follows-latest',
    severity: 'note',
    title: '`@latest` follows every later change of the template',
    why: () =>
      'What follows the latest revision goes over to each later one by itself, be it by a commit that was meant for something else. Test and go on soon, or name the revision as soon as the cluster has made it.',
  },
  KN455: {
    name: 'rollback-not-checked',
    severity: 'note',
    title: 'not checked: whether a candidate without a history was rolled back',
    why: () =>
      '`next` does not roll a revision out again that somebody took back, and only the history of its file tells. The standard input, and a file outside of any repository, have none, so the Service moves unchecked. Name the file in its repository to have it checked.',
  },
  KN456: {
    name: 'replaced-rollback',
    severity: 'note',
    title: 'Release replaces a revision that was rolled back',
    why: () =>
      'Git shows the commit that rolled the previous candidate back. The new revision may have the same fault. Read that commit before you continue.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

export type StageRemarkCode = keyof typeof stageRemarks

/** Something to know of a Service that is moved, or the reason why it is not. Fails nothing by itself. */
export type Remark = {
  readonly code: StageRemarkCode | StageRefusalCode
  readonly severity: 'warning' | 'note'
  readonly message: string
  readonly help?: string
}

/** A remark, as loud as its code. */
export function remark(said: Omit<Remark, 'severity'> & { readonly code: StageRemarkCode }): Remark {
  return { ...said, severity: stageRemarks[said.code].severity }
}
