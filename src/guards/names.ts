import {
  type Cluster,
  exists,
  isNewTemplate,
  type MadeRevision,
  ownName,
  reached,
  specOf,
  step,
} from '../history/cluster.js'
import { numberOf, ownNamePath } from '../manifest/names.js'
import { profileOf, tellingKey } from '../manifest/profile.js'
import type { Finding } from '../rules/rule.js'
import { changesUnderName, editedNotes, isNoted, unspelled } from '../rules/kept-name.js'
import { namesIn } from '../stages/roles.js'
import type { Says } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import { nearest, shortCommit } from '../text/words.js'
import { sameJson } from '../yaml/json.js'
import { type Guard, hasGaps, type Passage, readableTargets, targetPath } from './guard.js'

/** How many fields a message names. */
const most = 3
const says: Says = { by: 'Knative', text: 'Saw the following changes without a name change' }
const field = formatPath(ownNamePath)

/** A revision never changes: another template needs another name, and an unchanged one must come with its defaults. */
const nameChange: Guard = {
  code: 'KN501',
  name: 'revision-name-kept',
  severity: 'error',
  title: 'Template changes, but its revision name does not',
  source:
    'pkg/apis/serving/v1/revision_validation.go VerifyNameChange, configuration_defaults.go (knative/serving#13565)',
  why: () =>
    'Knative rejects a template that changes while its explicit name stays. It compares with the Service as last accepted, so it also rejects every later commit until one reverts the change. It fills in no defaults for an unchanged name, so a template that omits them looks changed. Change the name with the template, and write out the defaults.',
  isForWhole: true,
  asksCluster: true,
  *check({ cluster, after, profile, settings }) {
    const name = ownName(after)
    if (name === undefined || cluster.under(name).every((one) => changesUnderName(one, after, settings).length === 0))
      return
    const { cluster: at, refused } = cluster.lately(name)
    const changed = at.service ? changesUnderName(at.service, after, settings) : []
    if (!at.service || changed.length === 0) return
    const before = at.service
    const defaults = unspelled(after, settings).map(({ path }) => path)
    const own = changed.filter((path) => !isDefaulted(path, defaults))
    if (own.length > 0 && isNewTemplate({ before, after, settings })) {
      const began = refused.find(
        ({ service }) => ownName(service) === name && isNewTemplate({ before, after: service, settings }),
      )
      yield changedUnder(name, own, began?.commit)
    }
    // Cloud Run fills in its defaults whatever the name.
    else if (profile === 'knative') yield unspelledUnder(name, [...defaults, ...own])
  },
  // An older version of the name may be what was admitted last, and another one than is compared here.
  isOpen: ({ cluster, after }) => cluster.isOpen(ownName(after)),
}

/** @param began The commit that added the difference, if that is not the one that is checked: Knative rejected it, too. */
function changedUnder(name: string, changed: readonly Path[], began: string | undefined): Finding {
  const differs = changed.length === 1 ? 'differs' : 'differ'
  const since = began === undefined ? '' : ` since ${shortCommit(began)}`
  const back =
    began === undefined
      ? 'remove the name so that Knative generates one'
      : `restore the template from before ${shortCommit(began)}`
  return {
    message: `\`${field}\` stays \`${name}\`, but the template changes${since}: ${list(changed)} ${differs}`,
    says,
    help: `give the revision a new name, or ${back}`,
    path: ownNamePath,
    ...(changed[0] && { cause: changed[0] }),
  }
}

/** Though nothing changes in the file: what it does not say, the cluster has said for it. */
function unspelledUnder(name: string, missing: readonly Path[]): Finding {
  return {
    message: `\`${field}\` stays \`${name}\`, and ${missing.length === 1 ? '1 default is' : `${missing.length} defaults are`} not written out`,
    says,
    help: `write out ${list(missing)} (\`--write-defaults\` does it), or give the revision a new name`,
    path: ownNamePath,
  }
}

/** Whether only an unsaid default makes the field differ. */
function isDefaulted(path: Path, defaults: readonly Path[]): boolean {
  return defaults.some((one) => startsWith(one, path) || startsWith(path, one))
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part)
}

function list(paths: readonly Path[]): string {
  const shown = paths.slice(0, most).map((path) => `\`${formatPath(path).replace(/^spec\.template\./, '')}\``)
  const rest = paths.length - shown.length
  const last = rest > 0 ? `${rest} more` : shown.pop()
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`
}

/** The revision of that name is still on the cluster, and another one of the same name cannot be made. */
const usedName: Guard = {
  code: 'KN510',
  name: 'revision-name-reused',
  severity: 'warning',
  title: 'Revision name is reused for a different template',
  source: 'pkg/reconciler/configuration/configuration.go CheckNameAvailability (RevisionNameTaken)',
  why: () =>
    'The cluster still has the revision with this name and another template, and Knative cannot build a second one. The Service reports `RevisionNameTaken`, and no traffic moves until template and name match again. The same template may return under its name.',
  isForWhole: true,
  asksCluster: true,
  *check(passage) {
    const name = ownName(passage.after)
    const made = name === undefined ? undefined : madeUnder(passage, name)
    if (!made) return
    yield {
      message: `\`spec.template.metadata.name\` is \`${name}\`, which had another template in ${shortCommit(made.commit)}: no traffic moves (\`RevisionNameTaken\`)`,
      help: 'use a name that was never used, or restore the template that had this one',
      path: ownNamePath,
    }
  },
  isOpen({ before, after, cluster }) {
    const name = ownName(after)
    if (name === undefined || name === ownName(before)) return false
    return !cluster.about(name).cluster.revisions.has(name)
  },
}

/** The revision that has the name already, where it is another template's. */
function madeUnder({ cluster, after, profile, settings }: Passage, name: string): MadeRevision | undefined {
  const isAlike = cluster.under(name).every((one) => sameJson(specOf(one, settings), specOf(after, settings)))
  if (isAlike && !cluster.isOlder(name)) return undefined
  const { cluster: before } = cluster.about(name)
  const { outcome } = step(
    before,
    { commit: '', service: { name: after.name, value: after.value, isValid: true } },
    { profile, settings },
  )
  return outcome.kind === 'admitted' && outcome.revision.how === 'taken' ? before.revisions.get(name) : undefined
}

/** A target that does not exist holds back the whole split, until it comes true by surprise. */
const missingRevision: Guard = {
  code: 'KN511',
  name: 'missing-revision',
  severity: 'warning',
  title: 'Target names a revision that was never built',
  source: 'pkg/reconciler/route/traffic/errors.go (RevisionMissing)',
  why: () =>
    'Neither the file nor its history shows that Knative builds this revision; one sync builds at most one. While it is missing, no traffic moves. If a later template gets the name, traffic moves to it unexpectedly. Check the spelling, or merge the template first.',
  isForWhole: true,
  isForKnative: true,
  asksCluster: true,
  *check(passage) {
    const { past } = passage
    const missing = missingNames(passage)
    if (!past || missing.length === 0 || hasGaps(past)) return
    for (const name of missing) yield missingTarget(passage, name)
  },
  isOpen: (passage) => missingNames(passage).length > 0,
}

/** The names that a change brings into the list though the cluster has no such revision. Another Service's are a rule's matter. */
function missingNames(passage: Passage): readonly string[] {
  const { after, isNamedBeside } = passage
  const atHand = new Set(namesAtHand(passage))
  const brought = namesIn(readableTargets(after)).filter(
    (name) => name.startsWith(`${after.name}-`) && !atHand.has(name),
  )
  // The history is looked through only where it decides.
  if (brought.length === 0) return brought
  const unsure = brought.filter((name) => !isSurelyCounted(passage, name))
  if (unsure.length === 0) return unsure
  const built = builtBy(passage, passage.cluster)
  const missing = unsure.filter((name) => !exists(built, name) || isPassedOver(passage, name))
  return missing.filter((name) => !isNamedBeside?.(name))
}

/**
 * Whether the cluster has surely generated the name, and not only for a commit in between; where no version names any,
 * whether it may have. The whole history need not be replayed then.
 */
function isSurelyCounted(passage: Passage, name: string): boolean {
  const { after, cluster, each } = passage
  const number = numberOf(after.name, name)
  if (number === undefined) return false
  if (!each && cluster.isNameless()) return true
  for (const { cluster: at } of cluster.briefly())
    if (number <= reached(withNewer(passage, at), after.name).least) return !cluster.mayHaveBeenDeleted()
  return false
}

function namesAtHand({ before, after }: Passage): readonly string[] {
  return [...namesIn(readableTargets(before)), ...[before, after].flatMap((side) => ownName(side) ?? [])]
}

/** The cluster once it has the newer side. */
function builtBy(passage: Passage, at: Passage['cluster']): Cluster {
  return withNewer(passage, at.whole().cluster)
}

function withNewer({ after, profile, settings }: Passage, cluster: Cluster): Cluster {
  const service = { name: after.name, value: after.value, isValid: true }
  return step(cluster, { commit: '', service }, { profile, settings }).cluster
}

/** Whether the revision is surely built if each commit is synced by itself, and not surely otherwise: one sync makes one. */
function isPassedOver(passage: Passage, name: string): boolean {
  if (!passage.each) return false
  const { cluster, each, after } = passage
  const [once, stepwise] = [cluster, each].map((at) => builtBy(passage, at))
  if (!once || !stepwise || !exists(stepwise, name)) return false
  const number = numberOf(after.name, name)
  if (number === undefined) return !exists(once, name)
  return number > reached(once, after.name).least && number <= reached(stepwise, after.name).least
}

function missingTarget(passage: Passage, name: string): Finding {
  const path = targetPath(
    readableTargets(passage.after),
    (revision) => 'name' in revision && revision.name === name,
    'revisionName',
  )
  if (isPassedOver(passage, name))
    return {
      message: `\`${name}\` is built only by a commit in between: no traffic moves until it exists (\`RevisionMissing\`)`,
      help: `merge the template that builds \`${name}\` first, and add the target in a later change`,
      path,
    }
  // Of two that are as near, the later one.
  const named = new Set(namesIn(readableTargets(passage.after)))
  const free = knownNames(passage).filter((one) => !named.has(one))
  const close = nearest(name, free.toReversed())
  return {
    message: `\`${name}\` was never built: no traffic moves until it exists (\`RevisionMissing\`)`,
    help:
      close === undefined ? 'correct the name, or commit the template that builds it' : `did you mean \`${close}\`?`,
    path,
  }
}

/** Every name that a revision is known by, the oldest first. */
function knownNames(passage: Passage): readonly string[] {
  const { named, revisions } = passage.cluster.whole().cluster
  return [...new Set([...named.keys(), ...revisions.keys(), ...namesAtHand(passage)])]
}

/** The cluster writes down who made a Service and who changed it, and takes no other word for it. */
const creator: Guard = {
  code: 'KN502',
  name: 'creator-changed',
  severity: 'error',
  title: 'Creator or last-modifier annotation is edited',
  source: 'knative.dev/pkg/apis/metadata_validation.go ValidateCreatorAndModifier',
  why: () =>
    'Knative records who made a Service and who changed it last, and rejects an apply that sets another value. Only the cluster has these values. Keep both annotations out of files, or keep the recorded values.',
  isForWhole: true,
  isForKnative: true,
  asksCluster: true,
  *check({ cluster, after }) {
    const { service } = isNoted(after) || cluster.hasNotes() ? cluster.lately(ownName(after)).cluster : {}
    if (!service) return
    for (const { path, old, fresh, reason } of editedNotes(service, after)) {
      const what = fresh === undefined ? 'is removed' : `becomes ${JSON.stringify(fresh)}`
      yield {
        message: `\`${formatPath(path)}\` ${what}, but only the cluster sets it`,
        says: { by: 'Knative', text: reason },
        help:
          old === undefined
            ? 'remove the annotation'
            : `restore ${JSON.stringify(old)}; Knative rejects its removal once it was applied`,
        path,
        part: 'key',
      }
    }
  },
}

/** A kustomization that calls a whole Service a patch: what is for whole Services is no longer looked for in it. */
const newPatch: Guard = {
  code: 'KN526',
  name: 'new-patch',
  severity: 'warning',
  title: 'Change makes a Service a kustomize patch',
  why: () =>
    'A patch changes a Service that is somewhere else, so fields that it omits are no fault. If a controller still applies the file directly, missing or wrong fields stay unnoticed. Check what applies it before you merge.',
  *check({ before, after }) {
    if (before.file.isPatch || !after.file.isPatch) return
    yield {
      message: `\`${after.label}\` becomes a patch in this change: only the fields that it has are validated`,
      help: 'check that no Argo CD Application or Flux Kustomization still applies this file directly',
      path: ['metadata', 'name'],
    }
  },
}

/** Keys of another server, which would have its rules judge the very change that brings them. */
const newProfile: Guard = {
  code: 'KN525',
  name: 'new-profile',
  severity: 'note',
  title: 'Change adds keys of Cloud Run to a Knative Service',
  why: () =>
    'Cloud Run accepts more than Knative does, and keys such as `run.googleapis.com/ingress` select its rules. Knative does not read them, so a Service without them at the base commit is still checked with the rules of Knative. Choose the server with `--profile`.',
  *check({ before, after, profile, isProfileGiven }) {
    const key = tellingKey(after)
    if (isProfileGiven || profile !== 'knative' || !key || profileOf(before) !== 'knative') return
    yield {
      message: `\`${String(key.at(-1))}\` is new: this change is still checked with the rules of Knative, because the base commit has no Cloud Run key`,
      help: 'add `--profile cloudrun` if Cloud Run serves it, or `--profile knative` if not',
      path: key,
      part: 'key',
    }
  },
}

/** Most often only the file says now what its controller did before; but it may be another Service, with nothing behind it. */
const newNamespace: Guard = {
  code: 'KN529',
  name: 'namespace-changed',
  severity: 'note',
  title: 'Namespace of a Service changes',
  source: 'k8s.io/apimachinery/pkg/apis/meta/v1: an object is known by its namespace and name',
  why: () =>
    '`check` compares the two sides as one Service. If the namespace really changes in the cluster, the Service is new there: it has no revisions, generated names start at 00001, and a pruning controller deletes the old one with its URL.',
  *check({ before, after }) {
    if (before.namespace === after.namespace || before.name !== after.name) return
    const [from, to] = [before, after].map(({ namespace }) => (namespace === undefined ? 'none' : `\`${namespace}\``))
    yield {
      message: `\`metadata.namespace\` of \`${after.name}\` changes from ${from} to ${to}: both sides are compared as one Service`,
      help: 'check that the controller applied it there before; otherwise the Service and its revisions start again',
      path: ['metadata', 'namespace'],
    }
  },
}

export const namesGuards: readonly Guard[] = [
  nameChange,
  usedName,
  missingRevision,
  creator,
  newPatch,
  newProfile,
  newNamespace,
]
