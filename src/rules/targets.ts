import type { Manifest } from '../manifest/manifest.js'
import { sameRevision } from '../manifest/traffic.js'
import { shellWord } from '../text/words.js'
import { goDuration } from './go-values.js'
import { dns1035Label, qualifiedName } from './names.js'
import {
  filledTargets,
  firstOf,
  serviceAnnotations,
  templateAnnotations,
  templateText,
  trafficTargets,
} from './places.js'
import { type Neighbourhood, quoted, type Rule, shown, textField } from './rule.js'
import { namespaceOf } from './tags.js'

/**
 * A target that names what cannot be a revision of the Service. Its own revisions start with `<name>-`, generated ones
 * and those named by the template; only a name of more than 56 characters is cut and hashed. Any other revision is
 * missing, or another Service's, and holds back the whole split.
 */
const foreignRevision: Rule = {
  code: 'KN312',
  name: 'foreign-revision',
  severity: 'warning',
  title: 'Target names a revision of another Service',
  source: 'pkg/reconciler/route/traffic/traffic.go addRevisionTarget (knative/serving#16294)',
  why: () =>
    'A route sends requests only to revisions of its Service. A revision that is missing or belongs to another Service blocks all traffic changes, and the old traffic stays. Use a name from `kubectl get revisions` of this Service.',
  *check(manifest, neighbourhood) {
    const { name } = manifest
    if (dns1035Label(name) !== undefined) return
    const template = templateText(manifest, 'name')?.value
    for (const target of trafficTargets(manifest)) {
      const revision = textField(target.value, 'revisionName')
      if (!revision || revision === template || qualifiedName(revision) !== undefined) continue
      const owner = generator(manifest, revision, neighbourhood)
      if (owner === undefined && couldBeOf(name, revision)) continue
      const path = [...target.path, 'revisionName']
      yield {
        message:
          owner === undefined
            ? `${quoted(path)} is ${shown(revision)}, not a revision of \`${name}\`: no traffic moves (\`RevisionMissing\` or \`RevisionNotOwned\`)`
            : `${quoted(path)} is ${shown(revision)}, probably a revision of ${shown(owner)}: then no traffic moves (\`RevisionNotOwned\`, Knative 1.21 and newer)`,
        help: `use a revision that \`kubectl get revisions -l ${shellWord(`serving.knative.dev/service=${name}`)}\` lists`,
        path,
      }
    }
  },
}

/** The Service of the neighbourhood, other than this one, that generates such a name: `shop-api-00003` of `shop-api`. */
function generator(manifest: Manifest, revision: string, neighbourhood: Neighbourhood): string | undefined {
  const name = /^(.+)-\d{5,}$/.exec(revision)?.[1]
  if (name === undefined || name === manifest.name) return undefined
  return namespaceOf(manifest, neighbourhood).services.has(name) ? name : undefined
}

/** A `namePrefix` of kustomize comes before the name in the file, so the name may stand in the middle. */
function couldBeOf(name: string, revision: string): boolean {
  if (revision.startsWith(`${name}-`) || revision.includes(`-${name}-`)) return true
  const hashed = /^(.{1,25})[0-9a-f]{32}-\d{5,}$/.exec(revision)?.[1]
  return name.length > 56 && hashed !== undefined && name.startsWith(hashed)
}

/**
 * A target that no request can reach: it has neither a share nor a tag. Such a target is not idle for nothing. It keeps
 * its revision from being collected, so it is the way back after a promotion or the way forward after a rollback, and a
 * rollout leaves exactly one beside the target that has everything: that one is passed over. Any other one (in the
 * midst of a split, a second one, one that repeats a revision) is worth knowing of, since it holds back the whole split
 * where its revision is missing. Whether it is wanted the file does not tell, so this is a note.
 */
const idleTarget: Rule = {
  code: 'KN313',
  name: 'idle-target',
  severity: 'note',
  title: 'Target has neither a percent nor a tag',
  source: 'pkg/reconciler/route/traffic/traffic.go build',
  why: () =>
    'Without a percent the target gets no requests, and without a tag it has no URL. It only protects its revision from garbage collection. Remove it, unless you may roll back to it.',
  *check(manifest) {
    const targets = filledTargets(manifest) ?? []
    const idle = targets.filter(({ percent, tag }) => percent === 0 && tag === undefined)
    const serving = targets.find(({ percent }) => percent === 100)
    if (idle.length === 1 && serving && idle.every(({ revision }) => !sameRevision(revision, serving.revision))) return
    for (const { origin } of idle) {
      const path = ['spec', 'traffic', origin ?? 0]
      yield {
        message: `${quoted(path)} has neither \`percent\` nor \`tag\`: it gets no requests, and blocks all traffic changes if its revision does not exist`,
        help: 'remove it, unless you may roll back to it',
        path,
      }
    }
  },
}

/**
 * A revision that a target names counts as reachable at any share, so its pods are kept at 0 % as well. Before a split
 * that may be just what is wanted, and after a rollback there is no time for it: a note, not a warning.
 */
const idleScale: Rule = {
  code: 'KN314',
  name: 'idle-min-scale',
  severity: 'note',
  title: '`min-scale` keeps pods running for a revision without traffic',
  source: 'pkg/reconciler/labeler, pkg/reconciler/autoscaling/kpa/scaler.go',
  why: () =>
    'The revision keeps its minimum of pods while a target names it, with or without requests. That is useful shortly before it gets traffic, and costs money afterwards. Move traffic to it, or remove its target; a change of `min-scale` makes a new revision.',
  *check(manifest) {
    const annotations = templateAnnotations(manifest)
    const scale = firstOf(annotations, 'autoscaling.knative.dev/min-scale', 'autoscaling.knative.dev/minScale')
    if (!scale || !/^\+?0*[1-9]\d*$/.test(scale.value)) return
    const name = templateText(manifest, 'name')?.value
    const own = (filledTargets(manifest) ?? []).filter(({ revision }) => {
      return 'latest' in revision || revision.name === name
    })
    if (own.length === 0 || own.some(({ percent }) => percent !== 0)) return
    yield {
      message: `\`min-scale\` is ${shown(scale.value)}: these pods keep running for the revision of the template, which has no traffic`,
      help: 'move traffic to it soon, or remove its target; a change of `min-scale` needs a new revision',
      path: scale.path,
    }
  },
}

const keys = ['serving.knative.dev/rollout-duration', 'serving.knative.dev/rolloutDuration'] as const

/**
 * The gradual move is between two latest revisions, for targets with more than 1 %; traffic between named revisions
 * moves at once. And it is read from the Service only.
 */
const rolloutEffect: Rule = {
  code: 'KN316',
  name: 'unused-rollout-duration',
  severity: 'warning',
  title: '`rollout-duration` has no effect',
  source: 'pkg/reconciler/route/traffic/rollout.go, reconcile_resources.go',
  why: () =>
    'The gradual move of this annotation works between one latest revision and the next, and Knative reads it only from the Service. It has no effect on named revisions or on the template. Remove it, or move it to the Service; named revisions get their traffic stage by stage.',
  *check(manifest) {
    const misplaced = firstOf(templateAnnotations(manifest), ...keys)
    if (misplaced)
      yield {
        message: `${quoted(misplaced.path)} has no effect on the template`,
        help: 'move it to `metadata.annotations`',
        path: misplaced.path,
        part: 'key',
      }
    const found = firstOf(serviceAnnotations(manifest), ...keys)
    const targets = filledTargets(manifest) ?? []
    if (!found || (goDuration(found.value) ?? 0) <= 0 || targets.length === 0) return
    if (targets.some(({ revision, percent }) => 'latest' in revision && percent > 1)) return
    yield {
      message: `${quoted(found.path)} has no effect: no \`latestRevision\` target has more than 1%`,
      help: 'remove it; traffic of named revisions moves only when a commit changes their percents',
      path: found.path,
      part: 'key',
    }
  },
}

/**
 * The names of the Services whose revision a Service, or a patch, names: as kustomizations build them, else its own. None
 * where that cannot be told.
 */
export function ownersOfRevision(manifest: Manifest, { revisionOwners }: Neighbourhood): readonly string[] {
  const names = revisionOwners?.(manifest) ?? [manifest.name]
  return names.filter((name) => name !== '')
}

export const targetsRules: readonly Rule[] = [foreignRevision, idleTarget, idleScale, rolloutEffect]
