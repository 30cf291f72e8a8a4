import { byCode, type Code, type CodeRow, type RefusalRow } from '../codes/code.js'
import { obstacles } from '../edit/way.js'
import { blanks, guards, newcomers, policyRemarks, removals, snapshotRemarks } from '../guards/table.js'
import { ownFaults } from '../manifest/live.js'
import { otherKindRemarks } from '../manifest/other-kinds.js'
import { overlayRules } from '../rules/overlays.js'
import { routeRules } from '../rules/traffic.js'
import { rules, variableRemarks } from '../rules/judge.js'
import { schemaFaults } from '../schema/check.js'
import { stageRefusals, stageRemarks } from '../stages/stage.js'
import { yamlFaults } from '../yaml/faults.js'
import { reachRemarks } from './delivery-remarks.js'
import { unreadRemarks } from './unread.js'

/** Why a run can refuse besides what stages and layouts say: one row a code. */
const runRefusals = {
  KN410: {
    name: 'removed-api-version',
    title: 'API version is no longer served',
    why: () =>
      'No cluster serves this version of the API any more, so an apply of the file fails, and a change of its traffic has no effect. Change the manifest to `serving.knative.dev/v1` first.',
  },
  KN417: {
    name: 'result-rejected',
    title: 'Knative would reject the result',
    why: () =>
      'The result of the flags breaks a rule of Knative, so the next sync after a merge would fail. The message names the rule. Choose other values for the flags.',
  },
  KN420: {
    name: 'service-not-found',
    title: 'Requested Service does not exist in the files',
    why: () =>
      'A name or pattern that matches no Service is most likely misspelled, and the stage would silently do less than intended. Check the name, the namespace before its slash, and the paths.',
  },
  KN421: {
    name: 'no-services',
    title: 'No Knative Service was found',
    why: () =>
      'These files have no Service of `serving.knative.dev`; a Kubernetes Service has no traffic to move. Name the file or directory with the manifest.',
  },
  KN422: {
    name: 'ambiguous-service',
    title: 'Several Services match and none is chosen',
    why: () =>
      'Several Services match, and a guess would change the wrong one. Choose with `--service` or a path, or change all of them with `--all`.',
  },
  KN423: {
    name: 'outside-repository',
    title: 'Symbolic link points outside the repository',
    why: () =>
      'The target of such a link is in no reviewed commit; on a build server it can be a secret, which a report would show. A link into `.git` leads to internal files of Git. `kn-rollout` neither reads nor writes through such a link. Put the file itself in its place.',
  },
  KN425: {
    name: 'route-edit',
    title: 'Traffic of a Route cannot be edited',
    why: () =>
      'A stage moves traffic between the revisions of one Service, and a Route may lead to those of several Configurations. `kn-rollout` validates the traffic of a Route and leaves it unchanged. Edit it in its file, or write the Route and its Configuration as one Service.',
  },
  KN426: {
    name: 'unknown-argument',
    title: 'Argument is neither a path nor a Service',
    why: () =>
      'An argument after the command is a file, a directory, a glob, or the name of a Service in the files. This one matches nothing, so it is most likely misspelled. `kn-rollout status` lists the Services; a path may need its file extension.',
  },
  KN424: {
    name: 'unknown-stage',
    title: 'Stage does not exist',
    why: () =>
      'No plan has a stage with this name, so it is most likely misspelled. `kn-rollout stages` lists the built-in stages and those of the plans in `.kn-rollout.yaml`.',
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
      'An edit of a base, or of an `images` item, changes everything that is built with it, so other environments or containers would change as well. Give the overlay a separate patch or item with `--init`, or change all of them with `--shared`.',
  },
  KN461: {
    name: 'inline-patch-traffic',
    title: 'Traffic is set by an inline patch',
    why: () =>
      'The patch is text inside another file, where `kn-rollout` cannot prove an edit of the traffic alone. Save the patch as a separate file next to the kustomization, and list that file in `patches`; then run the command again.',
  },
  KN462: {
    name: 'json-patch-traffic',
    title: 'Traffic is set by a JSON patch',
    why: () =>
      'The operations of a JSON patch change a list when they run, so an edit of them is not an edit of the list. Write the list into a patch file of the Service; it replaces the whole list as well.',
  },
  KN463: {
    name: 'managed-traffic-edit',
    title: 'Another controller manages the traffic',
    why: () =>
      'Two writers of one field undo each other: the controller that moves the traffic in the cluster, and the sync from Git. Use that controller, or remove the Service from it first.',
  },
  KN464: {
    name: 'unknown-overlay-traffic',
    title: 'Overlay traffic cannot be determined',
    why: () =>
      'A directive such as `$patch: replace`, or a patch without a Knative Service, changes the traffic in a way that these files do not show. Write `spec.traffic` in a plain patch after it.',
  },
  KN465: {
    name: 'separate-sources',
    title: 'Template and traffic come from different files',
    why: () =>
      'A new revision is one diff of its template and its traffic. In this overlay they come from different files, and kustomize replaces lists such as the containers as a whole. Set the image with `images`, put both into one patch, or change the template manually and use `apply preview`.',
  },
  KN466: {
    name: 'image-set-elsewhere',
    title: 'Image is overridden by the kustomization',
    why: () =>
      'The `images` of a kustomization, and the containers of a later patch, override the manifest. A new image there would never reach the cluster, while its revision got a new name. Change the image in the overriding file; then the same command adds the revision name and its preview.',
  },
  KN467: {
    name: 'layer-edit',
    title: 'Argo CD or Flux overrides the edited field',
    why: () =>
      'Patches and images of an Application or a Flux Kustomization, `.argocd-source` files and Flux variables override the build, so an edit of the manifest never reaches the cluster. Change the value at the line that the message names.',
  },
  KN468: {
    name: 'placeholder-name',
    title: 'Name of a revision or Service is filled in later',
    why: () =>
      'A placeholder becomes a revision name only when another tool fills it in, so it can be neither stable nor candidate. A diff would send traffic to the placeholder itself. Name the revisions, or run the command on the rendered template.',
  },
  KN470: {
    name: 'mixed-group',
    title: 'Services of a group are in different stages',
    why: () =>
      'Services of a group in `.kn-rollout.yaml` move together, and `next` would move these to different stages. Move them to the same stage with `apply`, then continue with `next`.',
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

let byWord: ReadonlyMap<string, Code> | undefined

/** The code that a number such as `KN301` or a name such as `traffic-sum` stands for; undefined for other words. */
export function codeOf(word: string): Code | undefined {
  byWord ??= new Map(allCodes().flatMap((one) => [[one.code, one] as const, [one.name, one] as const]))
  return byWord.get(word)
}

/** A code as reports show it, by its number: `KN301 traffic-sum`. */
export function codeLabel(number: string): string {
  const name = codeOf(number)?.name
  return name === undefined ? number : `${number} ${name}`
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
