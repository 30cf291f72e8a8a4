import type { CodeRow, RefusalRow } from '../codes/code.js'
import type { Revision, TrafficTarget } from '../manifest/traffic.js'
import type { Says } from '../text/diagnostic.js'
import type { Path } from '../text/path.js'

/** Why a stage can refuse: one row a code. */
export const stageRefusals = {
  KN401: {
    name: 'unknown-candidate',
    title: 'Candidate revision cannot be determined',
    why: () =>
      'A stage never guesses the candidate, because a wrong guess would send users to it. Name it with `--candidate`; `{{.Service}}-00002` fits several Services, and `@latest` is the latest revision.',
  },
  KN402: {
    name: 'unknown-stable',
    title: 'Stable revision cannot be determined',
    why: () =>
      'A stage never guesses which revision serves users now, because that revision is also the rollback target. Find it under `status.traffic` in `kubectl get ksvc NAME -o yaml`, and name it with `--stable`.',
  },
  KN403: {
    name: 'same-roles',
    title: 'Stable and candidate are the same revision',
    why: () =>
      'A rollout moves traffic from one revision to another. With the same revision in both roles there is nothing to move. Correct `--stable` or `--candidate`.',
  },
  KN404: {
    name: 'third-revision',
    title: 'A third revision has traffic',
    why: () =>
      'The stages move traffic between two revisions and would have to take the traffic of a third one. Choose the two with `--stable` and `--candidate`, or move the other traffic with `set`.',
  },
  KN405: {
    name: 'tag-in-use',
    title: 'Tag belongs to another target',
    why: () =>
      'A tag is one URL and leads to one revision, and someone may use it for the other target. Choose another name with `--tag`, or remove the old tag first.',
  },
  KN406: {
    name: 'untagged-preview',
    title: 'Preview has no tag',
    why: () =>
      'At 0% no request reaches the candidate through the URL of the Service. Its tag creates a separate URL to test it at. Name it with `--tag`.',
  },
  KN407: {
    name: 'split-percent',
    title: 'Split percent is not between 1 and 99',
    why: () =>
      'A split gives traffic to both revisions, from 1% to 99%. Use the stage `preview` for 0% and `promote` for 100%.',
  },
  KN408: {
    name: 'retire-too-early',
    title: 'Candidate does not have all traffic, so stable cannot be retired',
    why: () =>
      '`retire` removes the target of the old revision, which still serves users here. Knative may then garbage-collect it, and you could not roll back. Promote the candidate first, then retire the old revision.',
  },
  KN409: {
    name: 'invalid-role',
    title: '`--stable` or `--candidate` is not a revision name',
    why: () =>
      'No revision can have that name, and Knative would reject a file with it. Use a name that `kubectl get revisions` lists, `@latest`, or a name with the placeholder `{{.Service}}`.',
  },
  KN430: {
    name: 'stage-not-in-plan',
    title: "Stage is not part of the Service's plan",
    why: () =>
      'Stages belong to plans, and the plan of this Service has none with that name. `kn-rollout stages` lists the plans; `.kn-rollout.yaml` assigns plans to Services.',
  },
  KN431: {
    name: 'off-plan-traffic',
    title: 'Traffic matches no stage of the plan',
    why: () =>
      'No stage of the plan leaves traffic like this, for example three revisions with traffic, so the next stage is unclear. Apply a stage by its name, or change the percents with `set`.',
  },
  KN432: {
    name: 'soak-not-over',
    title: 'Soak is not over',
    why: () =>
      'The plan sets a `soak` for the stage, so that errors have time to appear. It counts from the commit that started the stage. Run `next` again when the soak is over, or add `--ignore-soak`; with `--due`, `next` skips such Services.',
  },
  KN433: {
    name: 'unknown-stage-start',
    title: 'Git does not show when the stage started',
    why: () =>
      'The commit that set the traffic shows how long a stage has lasted, and whether a rollback caused it. Git here has no such commit. Commit the traffic, or fetch more history (`git fetch --unshallow`); `--ignore-soak` helps if only the time is unknown.',
  },
  KN434: {
    name: 'rolled-back-candidate',
    title: 'Candidate was rolled back',
    why: () =>
      'A commit rolled this revision back, and nothing has changed since, so `next` does not send users to it again. Release another revision, or run `apply` with the name of a stage.',
  },
  KN435: {
    name: 'uncommitted-traffic',
    title: 'Traffic change is not committed',
    why: () =>
      'The next stage follows from the committed one, so that running `next` twice does not skip a stage. Commit the change, revert it, or apply a stage by its name.',
  },
  KN474: {
    name: 'rollout-frozen',
    title: 'Rollouts are frozen now',
    why: () =>
      'A window of `freeze` in `.kn-rollout.yaml` is open, and `next` waits until it ends. Run `next` again after that, or add `--ignore-freeze`; with `--due`, `next` skips such Services. `apply rollback` works at any time.',
  },
  KN440: {
    name: 'ambiguous-container',
    title: 'Container to change cannot be determined',
    why: () =>
      'Only you know which container gets the new image or variable, and a wrong guess would deploy the wrong thing. Choose it with `--container`.',
  },
  KN441: {
    name: 'field-not-editable',
    title: 'Field cannot be changed in place',
    why: () =>
      'The field has no plain value to replace: a variable comes from a Secret or ConfigMap, a name is duplicated, or there is no image to add a tag to. The message names what to change first.',
  },
  KN442: {
    name: 'unpredictable-name',
    title: 'Next revision name cannot be predicted',
    why: () =>
      'Knative numbers revisions by the template changes that it has seen. A target with a number that never comes blocks all traffic, or starts to work unexpectedly later. Pass a snapshot with `--live`, use `--candidate @latest`, or give revisions explicit names, which need no prediction.',
  },
  KN443: {
    name: 'rollout-in-progress',
    title: 'Rollout is still in progress',
    why: () =>
      'The candidate already serves users, so the next revision cannot replace it. Finish the rollout or roll back first. A candidate without traffic is replaced automatically.',
  },
  KN444: {
    name: 'invalid-new-revision-name',
    title: 'New revision name is not valid',
    why: () =>
      'A revision name is `<service>-<something>`, a DNS label of at most 63 characters, and the same command must give the same name every time. Use `--revision-name` with words such as `{{.Next}}` or `{{.ImageTag}}`.',
  },
  KN445: {
    name: 'revision-name-taken',
    title: 'Revision name belongs to a different template',
    why: () =>
      'A revision never changes: Knative does not build a template under a used name (`RevisionNameTaken`), and no traffic moves until the name is another one. Choose a name that no commit has used, for example with `{{.Next}}`.',
  },
  KN450: {
    name: 'unknown-target',
    title: 'Revision or tag is not in the file',
    why: () =>
      'Knative accepts any name and then waits for a revision that never comes, while all traffic changes are blocked. Correct the name. `--allow-unknown` accepts one that no file shows; generated names such as `shop-00002` need no flag.',
  },
  KN451: {
    name: 'unknown-tag',
    title: '`--untag` names a tag that does not exist',
    why: () =>
      'A tag that is not in the list is most likely misspelled, and the intended tag URL would stay open. Correct it. With `--allow-unknown`, a tag that is already gone is skipped.',
  },
  KN452: {
    name: 'latest-tag-conflict',
    title: 'Latest revision already has another tag',
    why: () =>
      'The tag is a URL that someone may use, and `kn` keeps one tag for the latest revision. Remove the old one with `--untag` in the same command.',
  },
  KN453: {
    name: 'repeated-target',
    title: '`--traffic` sets the same target twice',
    why: () =>
      'One target cannot have two percents, whether its name appears twice or once as a tag and once as a revision. Set it once.',
  },
  KN454: {
    name: 'remaining-percent',
    title: 'Remaining percent cannot be assigned',
    why: () =>
      'The remaining percent goes to the one revision that is left out, as in `kn`: of those in `spec.traffic` and the one of the template. If none or several are left out, the percent belongs nowhere. Set every percent.',
  },
  KN457: {
    name: 'failed-target',
    title: 'Snapshot shows that a target is not ready',
    source: 'pkg/reconciler/route/traffic (a target that is not ready makes all of them wait)',
    why: () =>
      'Knative moves no traffic while a target is not ready, failed or missing, even at 0%, so users stay where they are. `promote --drop-stable` removes a stable revision that is not ready; a rollback without `--keep` removes the candidate. If the snapshot is out of date, save a new one; `--force` skips this check.',
  },
  KN459: {
    name: 'no-next-percent',
    title: 'Plan has no next percent for a split',
    why: () =>
      'Without `--percent`, `split` uses the next percent of the plan. After the last one comes `promote`, and a lower one would move traffic back to the stable revision. Set it explicitly with `--percent`.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>

type StageRefusalCode = keyof typeof stageRefusals

/** Why a stage cannot be applied, and what to type instead. */
export type Refusal = {
  readonly code: StageRefusalCode
  readonly message: string
  readonly help: string
  readonly says?: Says
  /** The field that it is about, where that is not the traffic. */
  readonly path?: Path
  /** How many seconds are left of a soak. */
  readonly waits?: number
}

/** What a stage has to work with. A role that could not be told is the refusal that says so. */
export type StageInput = {
  /** The targets as the file has them; empty where it leaves everything to the latest revision. */
  readonly traffic: readonly TrafficTarget[]
  /** The revision that serves today. */
  readonly stable: Revision | Refusal
  /** The revision being rolled out. */
  readonly candidate: Revision | Refusal
  /** The name of the candidate's own route. */
  readonly tag?: string
  /** The candidate's share in a split, in percent; half of everything where nobody says otherwise. */
  readonly percent?: number
  /** Whether a promotion takes the stable revision out of the list. */
  readonly dropStable?: boolean
  /** Whether a promotion takes the candidate's tags away. */
  readonly untag?: boolean
  /** Whether a rollback keeps the other targets at 0 percent, with their tags. */
  readonly keep?: boolean
}

/** The targets that a stage wants, or why it cannot say. */
export type StageResult = readonly TrafficTarget[] | Refusal

/** The options of `apply` that only some stages take. */
export const stageFlags = ['percent', 'tag', 'keep', 'drop-stable', 'restore-template', 'untag'] as const

export type StageFlag = (typeof stageFlags)[number]

/** One named step of a rollout: a pure function from traffic to wanted traffic, or to a refusal. */
export type Stage = {
  readonly name: string
  readonly summary: string
  /** The state it leaves, for the list of stages. */
  readonly result: string
  /** The candidate's share in percent that it leaves; absent where it leaves one revision alone. */
  readonly share?: number
  /** Whom it leaves alone in the list; absent where it gives the candidate a place beside the stable revision. */
  readonly alone?: 'stable' | 'candidate'
  /** Which of those it takes. */
  readonly flags: readonly StageFlag[]
  /** Set where the plan of a Service says which percent comes next, unless a flag does. */
  readonly asksPlan?: true
  /** Set where it goes back, which is possible from everywhere and so has no place in a plan. */
  readonly isWayBack?: true
  readonly apply: (input: StageInput) => StageResult
}

export function isRefusal(result: object): result is Refusal {
  return 'code' in result
}

/** What a move has to say of a Service without refusing it: one row a code. */
export const stageRemarks = {
  KN436: {
    name: 'no-next-stage',
    severity: 'note',
    title: '`next` has nothing to do for this Service',
    why: () =>
      'This Service has no rollout in progress, or its plan has no later stage, so `next` has nothing to move. That is no error. `release` or a new name in the template starts a rollout.',
  },
  KN437: {
    name: 'collected-revision',
    severity: 'warning',
    title: 'Revision may have been garbage-collected',
    why: () =>
      'After no target names a revision for 15 hours, and 48 hours after its creation, Knative may delete it, except for the 20 newest unused ones. A target for a deleted revision blocks all traffic changes. Run `kubectl get revisions` before you merge.',
  },
  KN438: {
    name: 'unknown-revision',
    severity: 'warning',
    title: 'Revision is not in the file, Git or the snapshot',
    why: () =>
      'A missing revision blocks all traffic changes. The name is in no template, no target and no commit, so it is most likely misspelled. If the cluster has it, continue.',
  },
  KN439: {
    name: 'unusable-evidence',
    severity: 'warning',
    title: 'Snapshot or Git history cannot be used',
    why: () =>
      'The snapshot or the Git history has nothing usable about this Service, so the roles were determined without it. Save a snapshot of the right Service, or fix what Git reports.',
  },
  KN469: {
    name: 'live-not-ready',
    severity: 'warning',
    title: 'Snapshot shows a Service that does not become ready',
    source: 'pkg/apis/serving/v1/route_lifecycle.go, configuration_lifecycle.go, revision_lifecycle.go',
    why: () =>
      'A target that is missing or failed blocks the whole route, even at 0%, and a failed template stays until another one comes. Waiting does not help. Remove the broken revision from `spec.traffic`, or release a template that works.',
  },
  KN471: {
    name: 'snapshot-drift',
    severity: 'warning',
    title: 'File and snapshot differ',
    why: () =>
      'The cluster had another template or other traffic than the file when the snapshot was saved: a commit was not synced yet, Knative rejected it, or the cluster was changed directly. A revision that is ready in the snapshot may then have another template in the file. Wait for the sync and save the snapshot again, or commit what the cluster has.',
  },
  KN472: {
    name: 'snapshot-age',
    severity: 'note',
    title: 'Snapshot shows an earlier state of the cluster',
    why: () =>
      'A snapshot (`--live FILE`) shows the cluster at the time when it was saved, and nothing later. Its age is that of the file, or of the latest time in it if it comes from a pipe or a checkout. Save it right before the command.',
  },
  KN473: {
    name: 'readiness-not-checked',
    severity: 'note',
    title: 'Not checked: whether revisions are ready',
    why: () =>
      'The snapshot does not show this Service, or has no `status`, such as an export of Cloud Run. `kn-rollout` then does not check whether its revisions exist and are ready. Save the whole namespace with `kubectl get ksvc,revisions -o yaml`, or one Service of Cloud Run with `gcloud run services describe NAME --format yaml`.',
  },
  KN446: {
    name: 'nothing-to-release',
    severity: 'warning',
    title: 'Template already has these values',
    why: () =>
      'A new revision needs a change of the template, and the file already has these values. If their revision has no tag URL yet, `apply preview` adds one.',
  },
  KN447: {
    name: 'predicted-name',
    severity: 'note',
    title: 'Revision name is a prediction',
    why: () =>
      'Knative numbers revisions by the template changes that it has seen one by one. A squashed or skipped commit, or a change from elsewhere, makes the number wrong. Read the basis of the prediction before you merge; explicit names need none.',
  },
  KN448: {
    name: 'uncertain-prediction',
    severity: 'warning',
    title: 'Predicted revision name is uncertain',
    why: () =>
      'Knative may have counted differently than the file shows, and a target that never comes blocks all traffic changes. Compare with `kubectl get ksvc`, or pass that output with `--live`.',
  },
  KN449: {
    name: 'follows-latest',
    severity: 'note',
    title: 'Target switches to every new revision automatically',
    why: () =>
      'A target that follows the latest revision switches to each later one automatically, even if a commit had another purpose. Test and continue soon, or name the revision as soon as Knative has made it.',
  },
  KN455: {
    name: 'rollback-not-checked',
    severity: 'note',
    title: 'Not checked: whether the candidate was rolled back',
    why: () =>
      '`next` does not roll out a revision that was rolled back, and only the history of its file shows that. stdin, and a file outside of a repository, have no history, so the Service moves without this check. Run the command on the file in its repository.',
  },
  KN456: {
    name: 'replaced-rollback',
    severity: 'note',
    title: 'Release replaces a revision that was rolled back',
    why: () =>
      'Git shows the commit that rolled the previous candidate back. The new revision may have the same fault. Read that commit before you continue.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>

type StageRemarkCode = keyof typeof stageRemarks

/** Something to know of a Service that is moved, or the reason why it is not. Fails nothing by itself. */
export type Remark = {
  readonly code: StageRemarkCode | StageRefusalCode
  readonly severity: 'warning' | 'note'
  readonly message: string
  readonly help?: string
  /** How many seconds are left of a soak. */
  readonly waits?: number
}

/** A remark, as loud as its code. */
export function remarkOf(said: Omit<Remark, 'severity'> & { readonly code: StageRemarkCode }): Remark {
  return { ...said, severity: stageRemarks[said.code].severity }
}
