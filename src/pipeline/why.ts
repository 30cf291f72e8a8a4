import { manifestWhys } from '../manifest/why.js'
import { guardWhys } from '../guards/why.js'
import { ruleWhys } from '../rules/why.js'
import { stageWhys } from '../stages/why.js'
import type { runRefusals } from './codes.js'
import type { reachRemarks } from './reach-remarks.js'
import type { unreadRemarks } from './unread.js'

const reachWhys: Readonly<Record<keyof typeof reachRemarks, string>> = {
  KN605:
    'Flagger and KServe set the traffic of their Services on the cluster, and Argo CD can be told not to look at it. A commit there is undone, or never arrives; `apply` therefore refuses it without --force.',
  KN606:
    'A patch with `spec.traffic` replaces the whole list, so what stands in the base, or in an earlier patch, never reaches that overlay. Name the overlay with --overlay, and the file that counts is edited.',
  KN607:
    'Several overlays build this Service and none of them brings its own list, so one edit moves all of these environments at once. That may well be meant; else give the ones that differ a patch with `spec.traffic`.',
  KN609:
    'The `images` of a kustomization, and the containers of a patch, come after what the manifest says. The overlay would get a revision of a new name with the old image, so change the image where the overlay decides on it.',
  KN608:
    'Only files of this repository are read: what comes from a server, a chart, a generator or a replacement may change the Service after all. Compare with what `kubectl kustomize` prints before you merge.',
}

const unreadWhys: Readonly<Record<keyof typeof unreadRemarks, string>> = {
  KN120:
    'A submodule is another repository, of which this one holds no more than a commit. Argo CD and Flux check it out and may apply what is in it, so run the command inside the submodule as well, and look at what a change moves its commit to.',
  KN121:
    'A sparse checkout leaves tracked files out of the working tree, and what is not there cannot be read. Nothing in those files was validated, and overlays among them were not seen. Check out more of the tree, or use `check --head`, which reads commits.',
  KN122:
    'Git LFS keeps the content of the file on a server, and this clone holds only the pointer to it. Argo CD and Flux do not fetch such content unless they are told to. Fetch the content, or take manifests out of Git LFS.',
  KN123:
    'No program that takes names for text can open such a file, `kubectl` and kustomize among them on some systems, and neither reports nor `git apply` can name it. Git and a cluster may still use it, so it is no pass: rename the file.',
  KN124:
    'Git tells which files are tracked though a `.gitignore` names them. Without it the files on the disk were searched by the ignore rules alone. Where Git refuses a repository of another user, as in a container that runs as root, add the folder to `safe.directory`.',
}

const runWhys: Readonly<Record<keyof typeof runRefusals | keyof typeof reachRemarks, string>> = {
  KN410:
    'The cluster has long stopped to serve this version of the API, so no apply of the file can succeed and moving its traffic would be in vain. Move the manifest to serving.knative.dev/v1 first.',
  KN417:
    'What the flags ask for breaks a rule of Knative, so merging it would only make the next sync fail. The message names the rule: choose other values for the flags.',
  KN420:
    'A name or pattern that matches no Service is most likely misspelt, and the stage would silently do less than you asked for. Check the name, the namespace before its slash, and the paths.',
  KN421:
    'Nothing in these files is a Service of serving.knative.dev; the Services of Kubernetes itself have no traffic to move. Name the file or folder that holds the manifest.',
  KN422:
    'A command that edits changes all that it is given, and which of these Services you mean cannot be told. Choose with --service or with a path, or take all of them with --all.',
  KN423:
    'What a link out of the repository leads to is in no reviewed commit: on a build server it can be a secret, which a report would show. A link into `.git` leads to what Git keeps for itself. So nothing behind such a link is read or written: put the file itself in its place.',
  KN424:
    'No plan has a stage of this name, so it is most likely misspelt. `kn-rollout stages` lists the built-in ones and those of the plans in `.kn-rollout.yaml`.',
  KN458:
    'A restored template must be the one that made the stable revision; otherwise Knative rejects its name or creates another revision. A commit of this file must have it, and no overlay may override it. A rollback of the traffic alone already moves users off the failing revision.',
  KN460:
    'An edit of a base, or of an entry of `images`, changes all that is built with it, so other environments or containers would move along. Give the overlay a patch or an entry of its own, as the message spells it, or change all of them at once with --shared.',
  KN461:
    'The patch is a text inside of another file, where no edit of the traffic alone can be proved. Save it as a file of its own beside the kustomization and name that in `patches`; then run the command again.',
  KN462:
    'Operations on a list change what is there when they run, and an edit of them is no edit of the list. Write the list into a patch file that is a part of the Service; it replaces the whole list just as well.',
  KN463:
    'Two writers of one field undo each other: the controller that moves the traffic on the cluster, and the sync from Git. Use that controller, or take the Service away from it first.',
  KN464:
    'A directive such as `$patch: replace`, or a patch without a Service of Knative in it, decides on the traffic in a way that these files do not show. Write `spec.traffic` in a plain patch after it.',
  KN465:
    'A new revision is one diff of its template and its traffic, but in this overlay they come from different files, and kustomize replaces lists such as the containers as a whole. Have `images` decide on the image, bring both into one patch, or change the template by hand and use `apply preview`.',
  KN466:
    'The `images` of a kustomization, and the containers of a later patch, come after what the manifest says, so a new image there would never reach the cluster while its revision got a new name. Change it where it is decided; then the same command gives the revision its name and its preview.',
  ...reachWhys,
}

/** Why each code matters, and what to do about it: one to three sentences. */
export const whys: Readonly<Record<string, string>> = {
  ...unreadWhys,
  ...manifestWhys,
  ...ruleWhys,
  ...guardWhys,
  ...stageWhys,
  ...runWhys,
}
