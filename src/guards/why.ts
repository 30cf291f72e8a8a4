/** What a change can break that neither of its sides shows, by code, and what to do about it. */
export const guardWhys: Readonly<Record<string, string>> = {
  KN501:
    'The cluster refuses a template that changes while its own name stays. It compares with the Service as last admitted, so each later commit is refused, too, until one of them goes back. While the name stays it fills in no defaults: one that leaves them unsaid looks changed; rename each template, and spell the defaults.',
  KN502:
    'The cluster notes who made a Service and who changed it last, and refuses an apply that would say something else. What it noted is on the cluster only. Keep both annotations out of files, or keep what is live.',
  KN510:
    'The revision that had this name is still on the cluster, with another template. No second one can be made: the Service reports RevisionNameTaken, and its route is frozen with all later changes of the traffic until template and name go together again. The very same template may come back under its name.',
  KN511:
    'Nothing in the file or its history says that the cluster builds this revision: one sync builds one at most. While it is missing, the whole split is held back and the old one goes on; if a later template gets the name, the split comes true by surprise. Check the spelling, or merge the template first.',
  KN512:
    'The requests that this revision served go elsewhere with the merge, and it may be collected before anybody looks. Go by stages: `promote` keeps the stable revision as the way back, `rollback` drops the candidate, which may be broken and would then hold back all traffic.',
  KN513:
    'A revision without a target may be collected some hours later, and then there is no quick way back. Keep it at 0 percent, and retire it when the new one has proved itself. Only one that is not ready is rightly dropped (`promote --drop-stable`): at 0 percent it would hold back all traffic.',
  KN514:
    'A new template is built when the change is applied, and with a share of the traffic its first requests are those of users. Preview it at 0 percent under a tag, test it there, and give it a share in a later commit.',
  KN515:
    'The plan that the Service follows has stages between the share that the candidate had and the one that it gets now. Each is a chance to notice trouble while few users meet it. Go stage by stage, or change the plan.',
  KN516:
    'The plan says how long the candidate stays in a stage before the next one, so that slow trouble has time to show. By the date of the commit that brought the stage, this is too early. Merge later, or change the plan.',
  KN517:
    'Pinned traffic stays where it is until a commit moves it. With `latestRevision: true`, each new revision gets the share as soon as it is ready, without a test and without a commit. Name the revision that is meant.',
  KN518:
    'Without `spec.traffic` the cluster sends everything to the latest revision: to the one that the template builds now, and to each that follows. A merge conflict or a generator may have lost the list. Put it back.',
  KN519:
    'Where the GitOps controller prunes, a Service that is no longer in Git is deleted with its revisions, its traffic and its URL; elsewhere it runs on with nobody in charge. The file does not show which. One that moves to another file, name and namespace kept, is still there.',
  KN520:
    'What the file said before the change cannot be told: it was no valid YAML, a template, no text, or held the Service twice. The newer side is judged as `validate` does; what compares both was left out. Read the diff with that in mind.',
  KN521:
    'Whether a revision name is new, a revision was built or a stage has lasted can only be told by the whole history of the file. Of the rules that it names nothing was judged where the known part does not decide. Fetch the rest, and run again.',
  KN522:
    'A change cannot quiet the check that it is judged by: `check` goes by the `.kn-rollout.yaml` of the base commit. After the merge the rule is quieter for everyone. Review this line as you would review code.',
  KN523:
    'Plans, louder rules and other settings of `.kn-rollout.yaml` count once they are merged. This change is still checked by those of the base commit, so a check after the merge can come to another result.',
  KN524:
    'A change cannot ignore its own findings: a comment counts if the base commit has one for the same code at the same field of the same Service, on whatever line. Merge the comment in a change of its own first, or fix the finding.',
  KN525:
    'Cloud Run accepts more than Knative does, and keys such as `run.googleapis.com/ingress` choose its rules. Knative does not read them, so a Service without them at the base commit is still checked by the rules of Knative. Name the server with `--profile`.',
  KN526:
    'A patch is laid over a Service that is somewhere else, so fields that it does not have are no fault of it. If the file is still applied by itself, what is missing or wrong in it stays unseen. Check what applies it before you merge.',
}
