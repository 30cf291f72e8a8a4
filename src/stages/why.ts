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
    'The stages share the traffic between two revisions, and what a third one gets would have to be taken away unasked. Choose the two by --stable and --candidate, or give the share of the third one away with `set`.',
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
  KN431:
    'Which stage comes next cannot be told from a state that none leaves, such as three shares. Go to a stage by its name, or set the traffic with an edit of your own.',
  KN432:
    'The plan wants the stage to last for its `soak`, so that errors have time to show; it counts from the commit that brought the traffic. Run `next` again when it is over, or go on with --ignore-soak; --ready leaves such Services out without failing.',
  KN433:
    'How long a stage lasts, and whether it is what a rollback left, is told by the commit that brought its traffic, and none is in sight. Commit it, or fetch more history (`git fetch --unshallow`); --ignore-soak helps where only the time is open.',
  KN434:
    'Somebody took the revision back for a reason, and nothing has changed since, so `next` does not send users to it again by itself. Release another revision, or go on with this one by `apply` and the name of a stage.',
  KN435:
    'The next stage follows from the committed one, so that running `next` twice does not skip a stage. Commit the change, take it back, or go to a stage by its name.',
  KN436:
    'Nothing is under way for this Service, or its plan has no stage left, so `next` has nothing to move; that is no error. `release` or a new name in the template starts a rollout.',
  KN437:
    'Once no target names a revision, a cluster may delete it after 15 hours, save for the 20 newest ones that are not active; sent to a revision that is gone, the whole split stays where it is. Look it up with `kubectl get revisions` before you merge.',
  KN438:
    'A missing revision holds back the whole split on the cluster. The name is in no template, no target and no commit, so it is most likely misspelt; if the cluster has it all the same, go on.',
  KN439:
    'What would have told the roles says nothing of this Service, so they were told without it. Save the live object of the Service that you move, or see to what Git complains about.',
  KN440:
    'Of several containers only you know which one the new image or variable is for, and a wrong guess would deploy the wrong thing. Choose it by its name with --container.',
  KN441:
    'What stands there is no plain value that another one could replace: a variable comes from a Secret or ConfigMap, a name stands twice, or there is no image that a tag could be put to. The message says what to change first.',
  KN442:
    'The cluster numbers revisions by the changes of the template that it has seen, and a target with a number that never comes holds back the whole split, or comes true by surprise later. Let --live tell the last number, take --candidate @latest, or give revisions own names, which need no prediction.',
  KN443:
    'The revision under test already serves users, and the next one cannot take its place unasked. Finish the rollout or go back first; a candidate without traffic is replaced without further ado.',
  KN444:
    'A revision is called `<service>-<something>`, a DNS label of at most 63 characters, and the same command must give the same name every time. Name it with --revision-name, in which words such as {{.Next}} or {{.ImageTag}} stand for what the file tells.',
  KN445:
    'A revision never changes: a template that comes under an old name is not made (`RevisionNameTaken`), and the route is frozen until the name is another one. Choose a name that no commit has used, for example with {{.Next}}.',
  KN446:
    'A new revision takes a change of the template, and the file has these values already. If the revision that they make has no route of its own yet, `apply preview` gives it one.',
  KN447:
    'Knative numbers revisions by the changes of the template that it has seen one by one: a commit that is squashed or skipped, or a change by another hand, makes the number wrong. Read what the prediction rests on before you merge; own names need none.',
  KN448:
    'The cluster may have counted differently than the file tells, and a target that never comes holds back the whole split. Compare with `kubectl get ksvc`, or hand over what that prints with --live.',
  KN449:
    'What follows the latest revision goes over to each later one by itself, be it by a commit that was meant for something else. Test and go on soon, or name the revision as soon as the cluster has made it.',
  KN450:
    'The cluster takes any name and then waits for a revision that never comes, with the whole split held back. Correct the name; one that no file shows is taken with --allow-unknown, and names such as `shop-00002`, which the cluster generates, without it.',
  KN451:
    'A tag that is not in the list is most likely misspelt, and the route that you meant would stay open. Correct it; with --allow-unknown a tag that is already gone is passed over.',
  KN452:
    'The tag is a URL that someone may be using, and kn keeps one for the latest revision. Take the old one away with --untag in the same command.',
  KN453:
    'One target cannot have two shares, whether it is named twice or once by its tag and once by its revision. Give it one.',
  KN454:
    'What is missing to 100 percent goes to the one revision that is left out, as kn does it: of those in `spec.traffic` and the one that the template names. With none or several left out nobody can say where it belongs, so give every share.',
  KN455:
    '`next` does not roll a revision out again that somebody took back, and only the history of its file tells. The standard input, and a file outside of any repository, have none, so the Service moves unchecked. Name the file in its repository to have it checked.',
  KN456:
    'Git shows the commit that rolled the previous candidate back. The new revision may have the same fault. Read that commit before you continue.',
  KN457:
    'Knative moves no traffic while a target is not ready, even at 0%, so users stay on the failing revision. `promote --drop-stable` removes a stable revision that is not ready; a rollback without --keep removes the candidate.',
}
