import type { ClusterSettings } from '../config/cluster-settings.js'
import { spliceFields } from '../edit/edit-fields.js'
import { transplant, type Transplant } from '../edit/transplant.js'
import type { FieldWish } from '../edit/wish.js'
import { findManifests, recentManifests } from '../manifest/find.js'
import { isNamedAs, type Manifest } from '../manifest/manifest.js'
import { numberOf } from '../manifest/names.js'
import { fetchOr, type Past, stateNaming } from '../manifest/past.js'
import { type Revision, sameRevision } from '../manifest/traffic.js'
import { missingDefaults } from '../rules/revision-name.js'
import { ownNumber } from '../stages/predict.js'
import { type Facts, templateNameOf, type Wish } from '../stages/roles.js'
import type { TemplateChange } from '../stages/release-fields.js'
import { isRefusal } from '../stages/stage.js'
import { revisionOwners } from '../stages/standing.js'
import { applyEdits } from '../text/edit.js'
import { formatPath } from '../text/path.js'
import { type FileVersion, shellPath, shortCommit } from '../text/words.js'
import { type Json, member, sameJson } from '../yaml/json.js'
import type { Reason } from './diagnostics.js'

/** The template as it was, as an edit of the text, and what that changes for reports and for the proof. */
export type Restored = Transplant & { readonly fields: readonly FieldWish[]; readonly template: TemplateChange }

const path = ['spec', 'template'] as const

type Known = {
  /** The files that decide on the template. */
  readonly decidedIn: readonly string[]
  /** The newest commit whose template the cluster took under an explicit revision name. */
  readonly admittedUnder: (name: string) => string | undefined
  /** What an operator has set in the cluster. */
  readonly settings?: ClusterSettings | undefined
}

/**
 * Puts the template back to what the stable revision was made from, as the text of the commit has it; defaults that its own
 * name needs and that text leaves out are written as well. The cluster then has nothing broken left: under an own name it
 * makes no new revision.
 */
export function restoreTemplate(
  manifest: Manifest,
  wish: Wish,
  facts: Facts,
  { decidedIn, admittedUnder, settings }: Known,
): Restored | Reason {
  const { past: ask, templateName } = facts
  const others = decidedIn.filter((file) => file !== manifest.file.path)
  if (others.length > 0 || templateName !== undefined || member(manifest.value, ...path) === undefined)
    return elsewhere(others)
  const { stable, candidate } = wish
  const past = ask?.()
  const name = !isRefusal(stable) && 'name' in stable.revision ? stable.revision.name : undefined
  if (!past || name === undefined) return unknown(name ?? 'stable', past)
  const found = isOwnName(past, name, manifest)
    ? newest(manifest, past, admittedUnder(name))
    : beforeCandidate(manifest, past, name, isRefusal(candidate) ? undefined : candidate.revision)
  if (!found) return unknown(name, past)
  const { commit } = found.version
  const [source, spelled] = withDefaults(found.manifest, revisionOwners(manifest, facts), settings)
  const made = source && transplant(manifest, source, path)
  const value = source && member(source.value, ...path)
  if (!made || value === undefined) return unlike(found.version)
  if (made.edits.length === 0) return { ...made, fields: [], template: {} }
  const [before, after] = [templateNameOf(manifest), templateNameOf(source)]
  return {
    ...made,
    fields: [{ kind: 'set', path, value }],
    template: {
      restored: { commit: shortCommit(commit), revision: name },
      ...(after !== undefined && after !== before && { revisionName: { ...(before && { before }), after } }),
      ...(spelled.length > 0 && { spelled }),
    },
  }
}

type Found = { readonly version: FileVersion; readonly manifest: Manifest }

function isOwnName(past: Past, name: string, manifest: Manifest): boolean {
  return templateNameOf(manifest) === name || stateNaming(past, name) !== undefined
}

/** As many templates back as there are numbers between the two. */
function beforeCandidate(
  manifest: Manifest,
  past: Past,
  name: string,
  candidate: Revision | undefined,
): Found | undefined {
  const [from, to] = [candidate && numberIn(past.name, candidate), numberOf(past.name, name)]
  const number = from ?? ownNumber(past, past.present)?.number
  const steps = number === undefined || to === undefined || number <= to ? 1 : number - to
  let [left, newer] = [steps, candidateTemplate(past, candidate)]
  let isBelow = newer === past.present.template
  for (const state of past.states) {
    if (state.life > 0) return undefined
    isBelow ||= state.template === newer
    if (!isBelow) continue
    if (!sameJson(state.template, newer)) left--
    newer = state.template
    if (left === 0) return newest(manifest, past, (template) => sameJson(template, state.template))
  }
  return undefined
}

/** The template of the newest state that has a place for the candidate: that one may be gone already. */
function candidateTemplate({ present, states }: Past, candidate: Revision | undefined): Json | undefined {
  for (const state of [present, ...states]) {
    const { traffic = [] } = state
    if ('life' in state && state.life !== 0) break
    const isPlaced =
      traffic.length === 0 || traffic.some(({ revision }) => candidate && sameRevision(revision, candidate))
    if (isPlaced) return state.template
  }
  return present.template
}

function numberIn(service: string, revision: Revision): number | undefined {
  return 'name' in revision ? numberOf(service, revision.name) : undefined
}

/** The newest version that has such a template, or is of that commit. */
function newest(
  service: Manifest,
  { versions }: Past,
  wanted: ((template: Json | undefined) => boolean) | string | undefined,
): Found | undefined {
  for (const version of versions) {
    if (version.text === undefined || wanted === undefined) continue
    if (typeof wanted === 'string' && version.commit !== wanted) continue
    const manifests = recentManifests({ path: version.path, text: version.text })
    const found = manifests.find((one) => isNamedAs(one, service))
    const isWanted = found && (typeof wanted === 'string' || wanted(member(found.value, ...path)))
    if (isWanted) return { version, manifest: found }
  }
  return undefined
}

/** The Service with the defaults written that its own revision name needs, and which ones these are. */
function withDefaults(
  manifest: Manifest,
  owners: readonly string[],
  settings?: ClusterSettings,
): readonly [manifest: Manifest | undefined, spelled: readonly string[]] {
  const missing = missingDefaults(manifest, owners, settings)
  if (missing.length === 0) return [manifest, []]
  const wishes = missing.map(({ path: at, value }): FieldWish => ({ kind: 'set', path: at, value }))
  const splice = spliceFields(manifest, wishes)
  if ('code' in splice) return [undefined, []]
  const text = applyEdits(manifest.file.text, splice.edits)
  const { manifests } = findManifests({ ...manifest.file, text })
  const found = manifests.find((one) => isNamedAs(one, manifest))
  return [found, missing.map(({ path: at }) => formatPath(at))]
}

function elsewhere(files: readonly string[]): Reason {
  const where = files.length === 0 ? 'another file' : files.map((file) => `\`${file}\``).join(', ')
  return {
    code: 'KN458',
    message: `cannot restore \`spec.template\`: ${where} ${files.length > 1 ? 'override' : 'overrides'} it`,
    help: 'restore it there, or roll back without `--restore-template`, which moves the traffic alone',
  }
}

function unknown(name: string, past: Past | undefined): Reason {
  return {
    code: 'KN458',
    message: `cannot restore the template of \`${name}\`: no commit of this file has it`,
    help: fetchOr('roll back without `--restore-template` and release another revision', past),
  }
}

function unlike({ commit, path: file }: FileVersion): Reason {
  return {
    code: 'KN458',
    message: `cannot restore the template of ${shortCommit(commit)}: its layout differs from this file`,
    help: `copy it from \`git show ${shortCommit(commit)}:${shellPath(file)}\``,
  }
}
