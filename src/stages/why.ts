import type { StageRefusalCode } from './refusals.js'
import type { StageRemarkCode } from './remark.js'

/** Why a stage refuses rather than guesses, and what its remarks are about, by code; and what to do. */
export const stageWhys: Readonly<Record<StageRefusalCode | StageRemarkCode, string>> = {
  KN401:
    'A stage never guesses which revision is to be rolled out, as a wrong guess would send users to it. Name it with --candidate; `{{.Service}}-00002` fits several Services at once, and @latest means the newest one.',
  KN402:
    'A stage never guesses which revision serves the users today, as it is also the way back. Look it up with `kubectl get ksvc` and name it with --stable.',
  KN403:
    'A rollout goes from one revision to another, and with the same one in both roles there is nothing to move. Correct --stable or --candidate.',
  KN404:
    'The stages share the traffic between two revisions, and what a third one gets would have to be taken away unasked. Choose the two by --stable and --candidate, or set the third to 0 percent in a commit of its own.',
  KN405:
    'A tag is one URL and leads to one revision, and someone may be using it for the other target. Take another name with --tag, or remove the old tag first.',
  KN406:
    'At 0 percent no request reaches the candidate by the common URL; its tag gives it one of its own to be tested at. Name it with --tag.',
  KN407:
    'A split leaves both revisions a share, from 1 to 99 percent. For nothing at all there is the stage `preview`, for everything `promote`.',
  KN408:
    'A revision without a target may be collected by the cluster, which then takes away what users are still being sent to, and the way back. Promote the candidate first, then retire the old revision.',
  KN409:
    'No revision can have that name, and written into the file it would make the cluster refuse it. Use a name that `kubectl get revisions` lists, @latest, or a name with the placeholder {{.Service}} in it.',
  KN430:
    'Stages belong to plans, and the one that this Service follows has none of that name. `kn-rollout stages` lists the plans; `.kn-rollout.yaml` says which Services follow which.',
  KN436:
    'Nothing is under way for this Service, or its plan has no stage left, so `next` has nothing to move; that is no error. `release` or a new name in the template starts a rollout.',
  KN437:
    'Once no target names a revision, a cluster may delete it after 15 hours, save for the 20 newest ones that are not active; sent to a revision that is gone, the whole split stays where it is. Look it up with `kubectl get revisions` before you merge.',
  KN438:
    'A missing revision holds back the whole split on the cluster. The name is in no template, no target and no commit, so it is most likely misspelt; if the cluster has it all the same, go on.',
  KN439:
    'What would have told the roles says nothing of this Service, so they were told without it. Save the live object of the Service that you move, or see to what Git complains about.',
}
