import type { StageRefusalCode } from './refusals.js'

/** Why a stage refuses rather than guesses, by code, and what to do. */
export const stageWhys: Readonly<Record<StageRefusalCode, string>> = {
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
  KN440:
    'The cluster takes any name and then waits for a revision that never comes, with the whole split held back. Correct the name; one that no file shows is taken with --allow-unknown, and names such as `shop-00002`, which the cluster generates, without it.',
  KN441:
    'A tag that is not in the list is most likely misspelt, and the route that you meant would stay open. Correct it; with --allow-unknown a tag that is already gone is passed over.',
  KN442:
    'The tag is a URL that someone may be using, and kn keeps one for the latest revision. Take the old one away with --untag in the same command.',
  KN443:
    'One target cannot have two shares, whether it is named twice or once by its tag and once by its revision. Give it one.',
  KN444:
    'What is missing to 100 percent goes to the one revision that is left out, as kn does it: of those in `spec.traffic` and the one that the template names. With none or several left out nobody can say where it belongs, so give every share.',
}
