import type { CodeRow, RefusalRow } from '../codes/code.js'
import type { Revision, TrafficTarget } from '../manifest/traffic.js'
import type { Path } from '../text/path.js'

/** Why a stage can refuse: one row a code. */
export const stageRefusals = {
  KN401: {
    name: 'unknown-candidate',
    title: 'Candidate revision cannot be determined',
    why: () =>
      'A stage never guesses which revision is to be rolled out, as a wrong guess would send users to it. Name it with --candidate; `{{.Service}}-00002` fits several Services at once, and @latest means the newest one.',
  },
  KN402: {
    name: 'unknown-stable',
    title: 'Stable revision cannot be determined',
    why: () =>
      'A stage never guesses which revision serves the users today, as it is also the way back. Look it up with `kubectl get ksvc` and name it with --stable.',
  },
  KN403: {
    name: 'same-roles',
    title: 'Stable and candidate are the same revision',
    why: () =>
      'A rollout goes from one revision to another, and with the same one in both roles there is nothing to move. Correct --stable or --candidate.',
  },
  KN404: {
    name: 'third-revision',
    title: 'A third revision has traffic',
    why: () =>
      'The stages share the traffic between two revisions, and what a third one gets would have to be taken away unasked. Choose the two by --stable and --candidate, or give the share of the third one away with `set`.',
  },
  KN405: {
    name: 'tag-in-use',
    title: 'Tag belongs to another target',
    why: () =>
      'A tag is one URL and leads to one revision, and someone may be using it for the other target. Take another name with --tag, or remove the old tag first.',
  },
  KN406: {
    name: 'untagged-preview',
    title: 'Preview has no tag',
    why: () =>
      'At 0 percent no request reaches the candidate by the common URL; its tag gives it one of its own to be tested at. Name it with --tag.',
  },
  KN407: {
    name: 'split-percent',
    title: 'Split percent is not between 1 and 99',
    why: () =>
      'A split leaves both revisions a share, from 1 to 99 percent. For nothing at all there is the stage `preview`, for everything `promote`.',
  },
  KN408: {
    name: 'retire-too-early',
    title: 'Candidate does not have all traffic, so stable cannot be retired',
    why: () =>
      'A revision without a target may be collected by the cluster, which then takes away what users are still being sent to, and the way back. Promote the candidate first, then retire the old revision.',
  },
  KN409: {
    name: 'invalid-role',
    title: '`--stable` or `--candidate` is not a revision name',
    why: () =>
      'No revision can have that name, and written into the file it would make the cluster refuse it. Use a name that `kubectl get revisions` lists, @latest, or a name with the placeholder {{.Service}} in it.',
  },
  KN430: {
    name: 'stage-not-in-plan',
    title: "Stage is not part of the Service's plan",
    why: () =>
      'Stages belong to plans, and the one that this Service follows has none of that name. `kn-rollout stages` lists the plans; `.kn-rollout.yaml` says which Services follow which.',
  },
  KN431: {
    name: 'off-plan-traffic',
    title: 'Traffic matches no stage of the plan',
    why: () =>
      'Which stage comes next cannot be told from a state that none leaves, such as three shares. Go to a stage by its name, or set the traffic with an edit of your own.',
  },
  KN432: {
    name: 'soak-not-over',
    title: 'Soak is not over',
    why: () =>
      'The plan wants the stage to last for its `soak`, so that errors have time to show; it counts from the commit that brought the traffic. Run `next` again when it is over, or go on with --ignore-soak; --due leaves such Services out without failing.',
  },
  KN433: {
    name: 'unknown-stage-start',
    title: 'Git does not show when the stage started',
    why: () =>
      'How long a stage lasts, and whether it is what a rollback left, is told by the commit that brought its traffic, and none is in sight. Commit it, or fetch more history (`git fetch --unshallow`); --ignore-soak helps where only the time is open.',
  },
  KN434: {
    name: 'rolled-back-candidate',
    title: 'Candidate was rolled back',
    why: () =>
      'Somebody took the revision back for a reason, and nothing has changed since, so `next` does not send users to it again by itself. Release another revision, or go on with this one by `apply` and the name of a stage.',
  },
  KN435: {
    name: 'uncommitted-traffic',
    title: 'Traffic change is not committed',
    why: () =>
      'The next stage follows from the committed one, so that running `next` twice does not skip a stage. Commit the change, take it back, or go to a stage by its name.',
  },
  KN474: {
    name: 'rollout-frozen',
    title: 'Rollouts are frozen now',
    why: () =>
      'A window of `freeze` in `.kn-rollout.yaml` is open, and `next` takes no step until it ends. Run `next` again after that, or add --ignore-freeze; --due leaves such Services out without failing. `apply rollback` works at any time.',
  },
  KN440: {
    name: 'ambiguous-container',
    title: 'Container to change cannot be determined',
    why: () =>
      'Of several containers only you know which one the new image or variable is for, and a wrong guess would deploy the wrong thing. Choose it by its name with --container.',
  },
  KN441: {
    name: 'field-not-editable',
    title: 'Field cannot be changed in place',
    why: () =>
      'What stands there is no plain value that another one could replace: a variable comes from a Secret or ConfigMap, a name stands twice, or there is no image that a tag could be put to. The message says what to change first.',
  },
  KN442: {
    name: 'unpredictable-name',
    title: 'Next revision name cannot be predicted',
    why: () =>
      'The cluster numbers revisions by the changes of the template that it has seen, and a target with a number that never comes holds back the whole split, or comes true by surprise later. Let --live tell the last number, take --candidate @latest, or give revisions own names, which need no prediction.',
  },
  KN443: {
    name: 'rollout-in-progress',
    title: 'Rollout is still in progress',
    why: () =>
      'The revision under test already serves users, and the next one cannot take its place unasked. Finish the rollout or go back first; a candidate without traffic is replaced without further ado.',
  },
  KN444: {
    name: 'invalid-new-revision-name',
    title: 'New revision name is not valid',
    why: () =>
      'A revision is called `<service>-<something>`, a DNS label of at most 63 characters, and the same command must give the same name every time. Name it with --revision-name, in which words such as {{.Next}} or {{.ImageTag}} stand for what the file tells.',
  },
  KN445: {
    name: 'revision-name-taken',
    title: 'Revision name belongs to a different template',
    why: () =>
      'A revision never changes: a template that comes under an old name is not made (`RevisionNameTaken`), and the route is frozen until the name is another one. Choose a name that no commit has used, for example with {{.Next}}.',
  },
  KN450: {
    name: 'unknown-target',
    title: 'Revision or tag is not in the file',
    why: () =>
      'The cluster takes any name and then waits for a revision that never comes, with the whole split held back. Correct the name; one that no file shows is taken with --allow-unknown, and names such as `shop-00002`, which the cluster generates, without it.',
  },
  KN451: {
    name: 'unknown-tag',
    title: '`--untag` names a tag that does not exist',
    why: () =>
      'A tag that is not in the list is most likely misspelt, and the route that you meant would stay open. Correct it; with --allow-unknown a tag that is already gone is passed over.',
  },
  KN452: {
    name: 'latest-tag-conflict',
    title: 'Latest revision already has another tag',
    why: () =>
      'The tag is a URL that someone may be using, and kn keeps one for the latest revision. Take the old one away with --untag in the same command.',
  },
  KN453: {
    name: 'repeated-target',
    title: '`--traffic` sets the same target twice',
    why: () =>
      'One target cannot have two shares, whether it is named twice or once by its tag and once by its revision. Give it one.',
  },
  KN454: {
    name: 'remaining-percent',
    title: 'Remaining percent cannot be assigned',
    why: () =>
      'What is missing to 100 percent goes to the one revision that is left out, as kn does it: of those in `spec.traffic` and the one that the template names. With none or several left out nobody can say where it belongs, so give every share.',
  },
  KN457: {
    name: 'failed-target',
    title: 'Snapshot shows that a target is not ready',
    source: 'pkg/reconciler/route/traffic (a target that is not ready makes all of them wait)',
    why: () =>
      'Knative moves no traffic while a target is not ready, failed or missing, even at 0%, so users stay where they are. `promote --drop-stable` removes a stable revision that is not ready; a rollback without `--keep` removes the candidate. Save a new snapshot if it is out of date; `--force` overrides it.',
  },
  KN459: {
    name: 'no-next-percent',
    title: 'Plan has no next percent for a split',
    why: () =>
      'Without --percent, `split` takes the next percent of the Service’s plan. After the last one comes the promotion, and a lower one would take traffic away from the candidate, which only you can want: give it with --percent.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>

type StageRefusalCode = keyof typeof stageRefusals

/** Why a stage cannot be applied, and what to type instead. */
export type Refusal = {
  readonly code: StageRefusalCode
  readonly message: string
  readonly help: string
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
      'Nothing is under way for this Service, or its plan has no stage left, so `next` has nothing to move; that is no error. `release` or a new name in the template starts a rollout.',
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
      'A missing revision holds back the whole split on the cluster. The name is in no template, no target and no commit, so it is most likely misspelt; if the cluster has it all the same, go on.',
  },
  KN439: {
    name: 'unusable-evidence',
    severity: 'warning',
    title: 'Snapshot or Git history cannot be used',
    why: () =>
      'What would have told the roles says nothing of this Service, so they were told without it. Save the live object of the Service that you move, or see to what Git complains about.',
  },
  KN469: {
    name: 'live-not-ready',
    severity: 'warning',
    title: 'Snapshot shows a Service that does not become ready',
    source: 'pkg/apis/serving/v1/route_lifecycle.go, configuration_lifecycle.go, revision_lifecycle.go',
    why: () =>
      'A target that is missing or failed holds the whole route, at 0 percent too, and a template that failed stays until another one comes. Waiting does not help: take the broken revision out of the list, or release a template that works.',
  },
  KN471: {
    name: 'snapshot-drift',
    severity: 'warning',
    title: 'File and snapshot differ',
    why: () =>
      'The cluster had another template or other traffic than the file when the snapshot was saved: a commit was not synced yet, Knative rejected it, or the cluster was changed directly. What the snapshot shows as ready may not be what the file means. Wait for the sync and save it again, or commit what the cluster has.',
  },
  KN472: {
    name: 'snapshot-age',
    severity: 'note',
    title: 'Age of the snapshot',
    why: () =>
      'A snapshot (`--live FILE`) shows the cluster at the time when it was saved, and nothing later. The time is that of the file; a file from a pipe or a checkout has none of its own, so the latest time in it counts. Save it right before the command.',
  },
  KN473: {
    name: 'readiness-not-checked',
    severity: 'note',
    title: 'Not checked: whether revisions are ready',
    why: () =>
      'The snapshot does not show this Service, or has no `status`, as an export of Cloud Run. Whether its revisions exist and are ready is then not checked. Save the whole namespace with `kubectl get ksvc,revisions -o yaml`, or one Service of Cloud Run with `gcloud run services describe NAME --format yaml`.',
  },
  KN446: {
    name: 'nothing-to-release',
    severity: 'warning',
    title: 'Template already has these values',
    why: () =>
      'A new revision takes a change of the template, and the file has these values already. If the revision that they make has no route of its own yet, `apply preview` gives it one.',
  },
  KN447: {
    name: 'predicted-name',
    severity: 'note',
    title: 'Revision name is a prediction',
    why: () =>
      'Knative numbers revisions by the changes of the template that it has seen one by one: a commit that is squashed or skipped, or a change by another hand, makes the number wrong. Read what the prediction rests on before you merge; own names need none.',
  },
  KN448: {
    name: 'uncertain-prediction',
    severity: 'warning',
    title: 'Predicted revision name is uncertain',
    why: () =>
      'The cluster may have counted differently than the file tells, and a target that never comes holds back the whole split. Compare with `kubectl get ksvc`, or hand over what that prints with --live.',
  },
  KN449: {
    name: 'follows-latest',
    severity: 'note',
    title: 'Target switches to every new revision automatically',
    why: () =>
      'What follows the latest revision goes over to each later one by itself, be it by a commit that was meant for something else. Test and go on soon, or name the revision as soon as the cluster has made it.',
  },
  KN455: {
    name: 'rollback-not-checked',
    severity: 'note',
    title: 'Not checked: whether the candidate was rolled back',
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

/** What became of one named value. Values are left out: they may be secrets. */
export type NamedChange = { readonly name: string; readonly kind: 'added' | 'changed' | 'removed' }

/** What a move changes in `spec.template`, for reports. */
export type TemplateChange = {
  readonly image?: {
    /** The container's name, or the one that the cluster will give it. */
    readonly container: string
    readonly before: string
    readonly after: string
    /** Set where the `images` of a kustomization decide on it, so that they are what changes. */
    readonly isKustomized?: true
  }
  readonly env?: readonly NamedChange[]
  readonly annotations?: readonly NamedChange[]
  /** `before` is absent where the cluster generated the names so far. */
  readonly revisionName?: { readonly before?: string; readonly after: string }
  /** The commit that the whole template is taken from again, abbreviated, and the revision that it makes. */
  readonly restored?: { readonly commit: string; readonly revision: string }
  /** The paths of defaults that are written out. */
  readonly spelled?: readonly string[]
}
