import { byCode, type Code, type CodeRow, type RefusalRow } from '../codes/code.js'
import { obstacles } from '../edit/way.js'
import { blanks, guards, newcomers, policyRemarks, removals, snapshotRemarks } from '../guards/table.js'
import { ownFaults } from '../manifest/own-faults.js'
import { otherKindRemarks } from '../manifest/other-kinds.js'
import { overlayRules } from '../rules/overlays.js'
import { routeRules } from '../rules/routes.js'
import { rules } from '../rules/table.js'
import { variableRemarks } from '../rules/variables.js'
import { schemaFaults } from '../schema/check.js'
import { stageRefusals, stageRemarks } from '../stages/stage.js'
import { yamlFaults } from '../yaml/faults.js'
import { reachRemarks } from './reach-remarks.js'
import { unreadRemarks } from './unread.js'

/** Why a run can refuse besides what stages and layouts say: one row a code. */
const runRefusals = {
  KN410: {
    name: 'removed-api-version',
    title: 'API version is no longer served',
    why: () =>
      'The cluster has long stopped to serve this version of the API, so no apply of the file can succeed and moving its traffic would be in vain. Move the manifest to serving.knative.dev/v1 first.',
  },
  KN417: {
    name: 'result-rejected',
    title: 'Knative would reject the result',
    why: () =>
      'What the flags ask for breaks a rule of Knative, so merging it would only make the next sync fail. The message names the rule: choose other values for the flags.',
  },
  KN420: {
    name: 'service-not-found',
    title: 'Requested Service does not exist in the files',
    why: () =>
      'A name or pattern that matches no Service is most likely misspelt, and the stage would silently do less than you asked for. Check the name, the namespace before its slash, and the paths.',
  },
  KN421: {
    name: 'no-services',
    title: 'No Knative Service was found',
    why: () =>
      'Nothing in these files is a Service of serving.knative.dev; the Services of Kubernetes itself have no traffic to move. Name the file or folder that holds the manifest.',
  },
  KN422: {
    name: 'ambiguous-service',
    title: 'Several Services match and none is chosen',
    why: () =>
      'A command that edits changes all that it is given, and which of these Services you mean cannot be told. Choose with --service or with a path, or take all of them with --all.',
  },
  KN423: {
    name: 'outside-repository',
    title: 'Symbolic link points outside the repository',
    why: () =>
      'What a link out of the repository leads to is in no reviewed commit: on a build server it can be a secret, which a report would show. A link into `.git` leads to what Git keeps for itself. So nothing behind such a link is read or written: put the file itself in its place.',
  },
  KN425: {
    name: 'route-edit',
    title: 'Route is not edited',
    why: () =>
      'A stage moves traffic between the revisions of one Service, and a Route may lead to those of several Configurations. Its traffic is validated and left as it is: edit it in its file, or write the Route and its Configuration as one Service.',
  },
  KN426: {
    name: 'unknown-argument',
    title: 'Argument is neither a path nor a Service',
    why: () =>
      'A word after the command is a file, a directory or a glob, or else the name of a Service in the files. This one is none of them, so it is most likely misspelt. `kn-rollout status` lists the Services; a path may need its ending.',
  },
  KN424: {
    name: 'unknown-stage',
    title: 'Stage does not exist',
    why: () =>
      'No plan has a stage of this name, so it is most likely misspelt. `kn-rollout stages` lists the built-in ones and those of the plans in `.kn-rollout.yaml`.',
  },
  KN458: {
    name: 'unrestorable-template',
    title: 'Template cannot be restored',
    why: () =>
      'A restored template must be the one that made the stable revision; otherwise Knative rejects its name or creates another revision. A commit of this file must have it, and no overlay may override it. A rollback of the traffic alone already moves users off the failing revision.',
  },
  KN460: {
    name: 'shared-source',
    title: 'Edit would also change other overlays',
    why: () =>
      'An edit of a base, or of an entry of `images`, changes all that is built with it, so other environments or containers would move along. Give the overlay a patch or an entry of its own with `--init`, or change all of them at once with --shared.',
  },
  KN461: {
    name: 'inline-patch-traffic',
    title: 'Traffic is set by an inline patch',
    why: () =>
      'The patch is a text inside of another file, where no edit of the traffic alone can be proved. Save it as a file of its own beside the kustomization and name that in `patches`; then run the command again.',
  },
  KN462: {
    name: 'json-patch-traffic',
    title: 'Traffic is set by a JSON patch',
    why: () =>
      'Operations on a list change what is there when they run, and an edit of them is no edit of the list. Write the list into a patch file that is a part of the Service; it replaces the whole list just as well.',
  },
  KN463: {
    name: 'managed-traffic-edit',
    title: 'Another controller manages the traffic',
    why: () =>
      'Two writers of one field undo each other: the controller that moves the traffic on the cluster, and the sync from Git. Use that controller, or take the Service away from it first.',
  },
  KN464: {
    name: 'unknown-overlay-traffic',
    title: 'Overlay traffic cannot be determined',
    why: () =>
      'A directive such as `$patch: replace`, or a patch without a Service of Knative in it, decides on the traffic in a way that these files do not show. Write `spec.traffic` in a plain patch after it.',
  },
  KN465: {
    name: 'separate-sources',
    title: 'Template and traffic come from different files',
    why: () =>
      'A new revision is one diff of its template and its traffic, but in this overlay they come from different files, and kustomize replaces lists such as the containers as a whole. Have `images` decide on the image, bring both into one patch, or change the template by hand and use `apply preview`.',
  },
  KN466: {
    name: 'image-set-elsewhere',
    title: 'Image is overridden by the kustomization',
    why: () =>
      'The `images` of a kustomization, and the containers of a later patch, come after what the manifest says, so a new image there would never reach the cluster while its revision got a new name. Change it where it is decided; then the same command gives the revision its name and its preview.',
  },
  KN467: {
    name: 'layer-edit',
    title: 'Argo CD or Flux overrides what is edited',
    why: () =>
      'Patches and images of an Application or a Flux Kustomization, `.argocd-source` files and Flux variables decide after the build, so an edit of the manifest never reaches the cluster. Change the value at the line that the message names.',
  },
  KN468: {
    name: 'placeholder-name',
    title: 'Name of a revision or Service is filled in later',
    why: () =>
      'Which revision a placeholder becomes is known only where it is filled in, so it can be neither stable nor candidate, and a patch would send traffic to its spelling. Name the revisions, or run the command where the template has been rendered.',
  },
  KN470: {
    name: 'mixed-group',
    title: 'Group is in more than one stage',
    why: () =>
      'Services of a group in `.kn-rollout.yaml` move together, and `next` would take these to different stages. Bring them to one stage with `apply`, then go on with `next`.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>

let all: readonly Code[] | undefined

/** Every code there is, in order: put together when it is first asked for, since few runs ask. */
export function allCodes(): readonly Code[] {
  all ??= [
    ...Object.entries(said).map(([code, row]) => ({ code, ...row })),
    ...Object.entries(refused).map(([code, row]) => ({ code, severity: 'error' as const, ...row })),
    ...overlayRules,
    ...rules,
    ...routeRules,
    ...guards,
  ]
    .map(toCode)
    .toSorted(byCode)
  return all
}

let byNumber: ReadonlyMap<string, Code> | undefined

/** What is behind a number such as `KN301`; undefined where it is no code. */
export function codeOf(number: string): Code | undefined {
  byNumber ??= new Map(allCodes().map((one) => [one.code, one]))
  return byNumber.get(number)
}

const said: Readonly<Record<string, CodeRow>> = {
  ...yamlFaults,
  ...ownFaults,
  ...otherKindRemarks,
  ...schemaFaults,
  ...stageRemarks,
  ...reachRemarks,
  ...variableRemarks,
  ...blanks,
  ...removals,
  ...newcomers,
  ...snapshotRemarks,
  ...policyRemarks,
  ...unreadRemarks,
}
const refused: Readonly<Record<string, RefusalRow>> = { ...stageRefusals, ...obstacles, ...runRefusals }

/** Nothing but what a code is: rules and guards bring along how they judge. */
function toCode({ code, name, severity, title, why, source, optional, fixable }: Code): Code {
  const more = { ...(source !== undefined && { source }), ...(optional && { optional }), ...(fixable && { fixable }) }
  return { code, name, severity, title, why, ...more }
}
