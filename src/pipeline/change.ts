import type { ClusterSettings } from '../config/cluster-settings.js'
import { oddLineEnd, proveEdits } from '../edit/prove.js'
import { sameTraffic, type ServiceSplice, spliceService } from '../edit/traffic.js'
import { type FieldWish, wished } from '../edit/wish.js'
import type { FileReading } from '../manifest/find.js'
import { type LiveService, revisionIn } from '../manifest/live.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import { containersPath, ownNamePath } from '../manifest/names.js'
import { equivalentTraffic, readTraffic } from '../manifest/traffic.js'
import { placeholderFor, placeholderIn } from '../manifest/unfilled.js'
import { judge } from '../rules/judge.js'
import { missingDefaults } from '../rules/revision-name.js'
import { type Neighbourhood, valueAt } from '../rules/rule.js'
import { changesOf, type Unspelled } from '../rules/kept-name.js'
import { type Facts, type Move, namesIn, templateNameOf, type Wish } from '../stages/roles.js'
import type { TemplateChange } from '../stages/release-fields.js'
import { isRefusal } from '../stages/stage.js'
import { revisionOwners, serviceName } from '../stages/standing.js'
import { addressOf } from '../stages/url.js'
import { append } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { applyEdits, inOrder } from '../text/edit.js'
import { formatPatch } from '../text/patch.js'
import { formatPath, type Path } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { isObject, type Json, member } from '../yaml/json.js'
import { type Touched, touchedBy } from './layers.js'
import type { Verdict } from './guarded.js'
import { type Reason, refuse, remarkOn, unproved } from './diagnostics.js'
import type { Change, FileChange } from './request.js'
import { restoreTemplate } from './restore-template.js'

/**
 * The wishes that write out what a template with its own name leaves to the cluster, once the other wishes are made: as
 * little as it takes for a later commit to keep the name. A template without a name needs none.
 */
function spellingFor(
  manifest: Manifest,
  fields: readonly FieldWish[],
  facts: Facts,
  settings?: ClusterSettings,
): readonly FieldWish[] {
  const value = wished(manifest.value, fields)
  if (!isObject(value)) return []
  const fresh = { ...manifest, value }
  const defaults = missingDefaults(fresh, revisionOwners(manifest, facts), settings)
  return asLive(fresh, defaults, facts.live).map(({ path, value: written }) => ({ kind: 'set', path, value: written }))
}

/**
 * The defaults as the live object has them, and what else it was given that the file does not say: an operator may have
 * more filled in than anybody has stated. Only what the live object has under the very name of the template counts.
 */
function asLive(manifest: Manifest, defaults: readonly Unspelled[], live?: LiveService): readonly Unspelled[] {
  const template = live?.template
  const name = member(template, 'metadata', 'name')
  if (!live || !name || name !== member(manifest.value, 'spec', 'template', 'metadata', 'name')) return defaults
  const held: Json = { spec: { template: template ?? null } }
  const set = defaults.map(({ path, value }) => ({ kind: 'set', path, value }) as const)
  const spelled = member(wished(manifest.value, set), 'spec', 'template')
  const differing = changesOf(template, spelled, spelled)
  const corrected = defaults.map((one) => {
    const own = differing.some((path) => startsWith(path, one.path)) ? valueAt(held, one.path) : undefined
    return own === undefined ? one : { ...one, value: own }
  })
  const others = differing.flatMap((path) => {
    const value = valueAt(held, path) ?? null
    const isSaid =
      defaults.some((one) => startsWith(path, one.path)) || (valueAt(manifest.value, path) ?? null) !== null
    return isSaid || value === null ? [] : [{ path, value }]
  })
  return [...corrected, ...others]
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part)
}

/** The edits of one Service, worked out but not yet proved. */
type Draft = ServiceSplice & {
  readonly manifest: Manifest
  readonly wish: Wish
  /** All that changes besides the traffic. */
  readonly fields: readonly FieldWish[]
  /** Comments that come with text from elsewhere. */
  readonly added?: readonly string[]
}

type DraftOptions = {
  /** Whether the defaults that an own revision name needs are written out as well. */
  readonly isSpelled: boolean
  /** The files that decide on the template of a Service in the end, where kustomizations have a say. */
  readonly templateFiles: (manifest: Manifest) => readonly string[]
  /** Where a field is that another file decides on, since that of the Service does not have it. */
  readonly placeElsewhere: (manifest: Manifest, path: Path) => Pick<Diagnostic, 'file' | 'range'> | undefined
  /** The newest commit whose template the cluster took under an explicit revision name of the Service. */
  readonly admittedUnder: (manifest: Manifest, name: string) => string | undefined
  /** What an operator has set in the cluster. */
  readonly settings?: ClusterSettings | undefined
}

/** What a command wants of one Service and the edits that get there, or why not: a refusal, or a note. */
function draftFor(
  manifest: Manifest,
  move: Move,
  facts: Facts,
  { isSpelled, templateFiles, placeElsewhere, admittedUnder, settings }: DraftOptions,
): Draft | Diagnostic {
  if (manifest.value['apiVersion'] !== 'serving.knative.dev/v1') {
    const message =
      'cannot edit the manifest: no cluster serves its `apiVersion` any more; must be `serving.knative.dev/v1`'
    return refuse(
      manifest,
      {
        code: 'KN410',
        message,
        help: 'write `apiVersion: serving.knative.dev/v1`, and fix the findings of `kn-rollout validate`',
      },
      ['apiVersion'],
    )
  }
  const wish = move(manifest, facts)
  if (wish && 'rest' in wish) return remarkOn(manifest, wish.rest)
  const odd = oddLineEnd(manifest)
  if (odd) return { ...refuse(manifest, odd), range: odd.range }
  if (wish && isRefusal(wish)) {
    const path = wish.path ?? (wish.code === 'KN444' ? ownNamePath : undefined)
    return { ...refuse(manifest, wish, path), ...(path && placeElsewhere(manifest, path)) }
  }
  const wanted = wish?.fields ?? []
  // A template that is put back brings its defaults.
  const spelling = isSpelled && !wish?.restoresTemplate ? spellingFor(manifest, wanted, facts, settings) : []
  const fields = [...wanted, ...spelling]
  const splice = spliceService(manifest, { traffic: wish?.after ?? [], fields })
  if ('code' in splice) return { ...refuse(manifest, splice, splice.path), range: splice.range }
  if (!wish) throw new TypeError('traffic that can be spliced can be read')
  const unfilled = splice.edits.length > 0 ? placeholderName(manifest, wish) : undefined
  if (unfilled) return refuse(manifest, unfilled, unfilled.path)
  if (wish.restoresTemplate) {
    const ofService = (name: string): string | undefined => admittedUnder(manifest, name)
    const known = { decidedIn: templateFiles(manifest), admittedUnder: ofService, settings }
    return withTemplate({ manifest, wish, fields, ...splice }, facts, known)
  }
  const template = {
    ...wish.template,
    ...(spelling.length > 0 && { spelled: spelling.map(({ path }) => formatPath(path)) }),
  }
  return { manifest, wish: { ...wish, template }, fields, ...splice }
}

/** Why names that are filled in later are no roles. */
function placeholderName(manifest: Manifest, { after }: Wish): (Reason & { readonly path: Path }) | undefined {
  const names = after.flatMap(({ revision }) => ('name' in revision ? [revision.name] : []))
  const template = templateNameOf(manifest)
  const places: readonly (readonly [string | undefined, Path])[] = [
    [manifest.name || unreadName(manifest, ['metadata', 'name']), ['metadata', 'name']],
    [names.includes(template ?? '') ? template : unreadName(manifest, ownNamePath), ownNamePath],
    [names.find((name) => placeholderIn(name) !== undefined), ['spec', 'traffic']],
  ]
  for (const [name = '', path] of places) {
    if (placeholderIn(name) === undefined) continue
    const message = `cannot use \`${name}\` in a rollout: it is filled in later`
    return { code: 'KN468', message, help: 'fill it in first, and run the command on the result', path }
  }
  return undefined
}

/** A name that is no text to YAML as long as it is not filled in. */
function unreadName({ value }: Manifest, path: Path): string | undefined {
  const name = valueAt(value, path)
  return typeof name === 'string' ? undefined : placeholderFor(name)
}

/** The draft with the template that the stable revision was made from. */
function withTemplate(draft: Draft, facts: Facts, known: Parameters<typeof restoreTemplate>[3]): Draft | Diagnostic {
  const { manifest, wish, edits, notes } = draft
  const restored = restoreTemplate(manifest, wish, facts, known)
  if ('code' in restored) return refuse(manifest, restored, ['spec', 'template'])
  return {
    ...draft,
    wish: { ...wish, template: restored.template },
    fields: restored.fields,
    edits: inOrder([...edits, ...restored.edits]),
    notes: [...notes, ...restored.notes],
    added: restored.added,
  }
}

/** What there was to say about each Service before the edits, whom they stand beside, and what compares with Git. */
type Known = Pick<Task, 'neighbourhood' | 'guard' | 'delivered'> & {
  readonly complaints: ReadonlyMap<Manifest, readonly Diagnostic[]>
}
type Settled = { readonly proved: readonly Draft[]; readonly diagnostics: readonly Diagnostic[] }

const none: Settled = { proved: [], diagnostics: [] }

/** Proves the drafts together; where that fails, refuses those that fail alone and settles the rest. */
function proveChanges(file: SourceFile, reading: FileReading, drafts: readonly Draft[], known: Known): Settled {
  if (drafts.length === 0) return none
  const proofOf = (some: readonly Draft[]): FileReading | undefined => {
    const after = prove(file, reading, some)
    return after && { ...after, manifests: after.manifests.map((one) => known.delivered?.(one) ?? one) }
  }
  const together = proofOf(drafts)
  const proofs = together ? new Map(drafts.map((draft) => [draft, together])) : proofsOf(drafts, proofOf)
  const places = new Map(reading.manifests.map((manifest, index) => [manifest, index]))
  const beside = new Map([...new Set(proofs.values())].map((proof) => [proof, neighboursIn(proof, reading, known)]))
  const verdicts = drafts.map((draft) => {
    const proof = proofs.get(draft)
    const after = proof?.manifests[places.get(draft.manifest) ?? -1]
    const neighbourhood = (proof && beside.get(proof)) ?? known.neighbourhood
    const before = known.complaints.get(draft.manifest) ?? []
    return { draft, before, ...guardedBy(known.guard, draft, after, compare(draft, before, after, neighbourhood)) }
  })
  const kept = verdicts.filter(({ refusal }) => refusal === undefined)
  const isWhole = kept.length === drafts.length
  if (together && isWhole) return { proved: drafts, diagnostics: verdicts.flatMap(({ left }) => left) }
  // Where each can be proved, but not all of them, none is to be trusted.
  const rest = isWhole
    ? none
    : proveChanges(
        file,
        reading,
        kept.map(({ draft }) => draft),
        known,
      )
  const refused = isWhole ? verdicts : verdicts.filter(({ refusal }) => refusal !== undefined)
  const said = refused.flatMap(({ before, draft, refusal = refuse(draft.manifest, unproved) }) => [...before, refusal])
  return { proved: rest.proved, diagnostics: [...said, ...rest.diagnostics] }
}

/** What Services stand beside once a file is edited: which of two documents comes first, only the new reading knows. */
function neighboursIn(after: FileReading, { manifests }: FileReading, { neighbourhood }: Known): Neighbourhood {
  if (new Set(manifests.map(({ label }) => label)).size === manifests.length) return neighbourhood
  const edited = new Map(manifests.map((manifest, index) => [manifest, after.manifests[index]]))
  return { ...neighbourhood, manifests: neighbourhood.manifests.map((one) => edited.get(one) ?? one) }
}

/** How often a file is read again to find the drafts that can be proved; those that are left after that are not. */
const mostProofs = 40

/** The new readings of drafts that could not be proved together: of those that can without the others. */
function proofsOf(
  drafts: readonly Draft[],
  proofOf: (some: readonly Draft[]) => FileReading | undefined,
): ReadonlyMap<Draft, FileReading> {
  const proofs = new Map<Draft, FileReading>()
  const waiting = halves(drafts)
  for (let count = 0; count < mostProofs; count++) {
    const some = waiting.pop()
    if (!some) break
    const after = proofOf(some)
    if (after) for (const draft of some) proofs.set(draft, after)
    else append(waiting, halves(some))
  }
  return proofs
}

/** What can be tried in place of all of them, the first half last; nothing for a single one. */
function halves(drafts: readonly Draft[]): (readonly Draft[])[] {
  const middle = Math.ceil(drafts.length / 2)
  return drafts.length < 2 ? [] : [drafts.slice(middle), drafts.slice(0, middle)]
}

function prove(file: SourceFile, reading: FileReading, drafts: readonly Draft[]): FileReading | undefined {
  const edits = drafts.flatMap((draft) => draft.edits)
  const removed = drafts.flatMap(({ notes }) => notes.filter(({ kind }) => kind === 'removed'))
  const wishes = new Map(drafts.map(({ manifest, moved, fields }) => [manifest, [...fields, ...moved]]))
  return proveEdits(file, reading, edits, wishes, {
    removed: removed.map(({ text }) => text.trimEnd()),
    added: drafts.flatMap(({ added = [] }) => added.map((text) => text.trimEnd())),
  })
}

type Comparison = { readonly left: readonly Diagnostic[]; readonly refusal?: Diagnostic }

/** What is left of the complaints after an edit; and the refusal, where the edit adds what the cluster would refuse. */
function compare(
  { manifest, wish, fields }: Draft,
  before: readonly Diagnostic[],
  after: Manifest | undefined,
  neighbourhood: Neighbourhood,
): Comparison {
  const { profile } = manifest
  if (!after || !sameTraffic(wish.after, readTraffic({ value: after.value, ...(profile && { profile }) })))
    return { left: before, refusal: refuse(manifest, unproved) }
  const judged = judge(after, neighbourhood)
  // An item that leaves a list moves those behind it.
  const identity = fields.some(({ kind, path }) => kind === 'remove' && typeof path.at(-1) === 'number') ? loose : exact
  const [known, still] = [new Set(before.map(identity)), new Set(judged.map(identity))]
  const left = before.filter((diagnostic) => still.has(identity(diagnostic)))
  // The text that a fresh warning is about is not there yet: it is shown where the edit is.
  const range = locate(manifest, ['spec', 'traffic'], 'key')
  for (const diagnostic of judged)
    if (diagnostic.severity !== 'error' && !known.has(identity(diagnostic))) left.push({ ...diagnostic, range })
  const fresh = judged.find((diagnostic) => isFresh(diagnostic, known.has(identity(diagnostic)), before))
  if (!fresh) return { left }
  const message = `Knative would reject the result: ${fresh.message}`
  return {
    left,
    refusal: refuse(manifest, {
      code: 'KN417',
      message,
      help: fresh.help ?? 'choose other values for the flags',
      ...(fresh.says && { says: fresh.says }),
    }),
  }
}

/** The guard that says again what a move remarks on. */
const sameMatter: Readonly<Record<string, string>> = { KN438: 'KN511' }

/** The same with what the guards say of the way from the committed version, where the cluster would take the result. */
function guardedBy(
  guard: Task['guard'],
  { manifest, wish }: Draft,
  after: Manifest | undefined,
  found: Comparison,
): Comparison {
  if (!guard || !after || found.refusal) return found
  const { refusal, remarks: heard } = guard(manifest, after)
  const remarks = heard.filter(({ code }) => !wish.remarks?.some((one) => sameMatter[one.code] === code))
  const errors = new Set(remarks.filter(({ severity }) => severity === 'error').map(({ path }) => path))
  const left = found.left.filter(({ severity, path }) => severity !== 'warning' || !errors.has(path))
  return { left: [...left, ...remarks], ...(refusal && { refusal: refuse(manifest, refusal) }) }
}

/**
 * Whether the edit brought the error in. Where the Service's own name is refused (`${APP}`, to be filled in later), the
 * revision names made from it are no news.
 */
function isFresh(diagnostic: Diagnostic, isKnown: boolean, before: readonly Diagnostic[]): boolean {
  if (diagnostic.severity !== 'error' || isKnown) return false
  const isNamed = !before.some(({ severity, path }) => severity === 'error' && path === 'metadata.name')
  return isNamed || diagnostic.path?.endsWith('.revisionName') !== true
}

/** Two diagnostics with one identity are the same complaint, wherever it now stands. */
function exact({ code, path }: Diagnostic): string {
  return JSON.stringify([code, path])
}

function loose({ code, path }: Diagnostic): string {
  return JSON.stringify([code, path?.replaceAll(/\[\d+\]/g, '[]')])
}

/** A Service and what there is to say about it. */
export type Judged = { readonly manifest: Manifest; readonly diagnostics: readonly Diagnostic[] }

/** What is asked of the Services, and what is known of them. */
type Task = {
  readonly move: Move
  readonly factsOf: (manifest: Manifest) => Facts
  /** Whether defaults that an own revision name needs are written out as well. */
  readonly isSpelled?: boolean
  /** The files that decide on the template of a Service in the end, where kustomizations have a say. */
  readonly templateFiles?: (manifest: Manifest) => readonly string[]
  /** Where a field is that another file decides on, since that of the Service does not have it. */
  readonly placeElsewhere?: DraftOptions['placeElsewhere']
  /** The newest commit whose template the cluster took under an explicit revision name of the Service. */
  readonly admittedUnder?: (manifest: Manifest, name: string) => string | undefined
  /** Why the traffic of a Service is not to be edited at all. */
  readonly bars: (manifest: Manifest) => Reason | undefined
  /** What a commit of the edit would be refused or warned for. */
  readonly guard?: (before: Manifest, after: Manifest) => Verdict
  /** Why what becomes of a template would not reach the cluster. */
  readonly outdoes?: (manifest: Manifest, template: TemplateChange, touched: Touched) => Reason | undefined
  /** A Service as its controllers apply it. */
  readonly delivered?: (manifest: Manifest) => Manifest
  readonly neighbourhood: Neighbourhood
}

/** A Service whose new image is not for its own file, and whether that changes as well. */
export type Kustomized = {
  readonly manifest: Manifest
  readonly change: Change
  readonly image: NonNullable<TemplateChange['image']>
  readonly isShown: boolean
}

/** What came of a move in one file. */
type FileOutcome = {
  readonly change?: FileChange
  /** Services whose new image is for the `images` of kustomizations. */
  readonly kustomized?: readonly Kustomized[]
  /** The complaints that are left, and the refusals. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Moves the chosen Services of one file. Every edit that is handed out has been proved by reading it again,
 * and gives the cluster no new reason to refuse the manifest.
 */
export function changeFile(file: SourceFile, reading: FileReading, chosen: readonly Judged[], task: Task): FileOutcome {
  const { move, factsOf, isSpelled = false, templateFiles = () => [], admittedUnder = () => undefined } = task
  const { placeElsewhere = () => undefined } = task
  const { bars, outdoes, neighbourhood, guard, delivered } = task
  const diagnostics: Diagnostic[] = []
  const drafts: Draft[] = []
  const still: Draft[] = []
  const how = { isSpelled, templateFiles, placeElsewhere, admittedUnder, settings: neighbourhood.cluster }
  for (const judged of chosen) {
    const reason = bars(judged.manifest)
    const drafted = reason
      ? refuse(judged.manifest, reason)
      : draftFor(judged.manifest, move, factsOf(judged.manifest), how)
    const outdone =
      'edits' in drafted ? outdoes?.(judged.manifest, drafted.wish.template ?? {}, touchedIn(drafted)) : undefined
    const draft = outdone ? refuse(judged.manifest, outdone, outdone.path ?? containersPath) : drafted
    if (!('edits' in draft)) append(diagnostics, [...judged.diagnostics, draft])
    else {
      const remarks = draft.wish.remarks?.map((remark) => remarkOn(judged.manifest, remark)) ?? []
      append(diagnostics, [...remarks, ...(draft.edits.length === 0 ? judged.diagnostics : [])])
      ;(draft.edits.length > 0 ? drafts : still).push(draft)
    }
  }
  const complaints = new Map(chosen.map((judged) => [judged.manifest, judged.diagnostics]))
  const settled = proveChanges(file, reading, drafts, {
    complaints,
    neighbourhood,
    ...(guard && { guard }),
    ...(delivered && { delivered }),
  })
  const { proved } = settled
  const beside = proved.length === 0 ? [] : besideIn(reading, drafts, guard)
  const all = [...diagnostics, ...settled.diagnostics, ...beside]
  const isOnly = reading.manifests.length === 1
  const kustomized = [...still, ...proved].flatMap((draft) => {
    const { manifest, wish, edits } = draft
    const image = wish.template?.image
    if (!image?.isKustomized) return []
    return [{ manifest, change: changeOf(draft, factsOf(manifest), isOnly), image, isShown: edits.length > 0 }]
  })
  const elsewhere = kustomized.length > 0 && { kustomized }
  if (proved.length === 0 || beside.some(isKeptBack)) return { diagnostics: all, ...elsewhere }
  const edits = proved.flatMap((draft) => draft.edits)
  const change = { file, edits, text: applyEdits(file.text, edits), patch: formatPatch(file, edits) }
  const changes = proved.map((draft) => changeOf(draft, factsOf(draft.manifest), isOnly))
  return { diagnostics: all, change: { ...change, changes }, ...elsewhere }
}

/** What the guards say of the Services of a file that stay as they are while others change. */
function besideIn({ manifests }: FileReading, drafts: readonly Draft[], guard: Task['guard']): readonly Diagnostic[] {
  const changed = new Set(drafts.map(({ manifest }) => manifest))
  return manifests.flatMap((manifest) => {
    const { refusal, remarks = [] } = (!changed.has(manifest) && guard?.(manifest, manifest)) || {}
    return refusal ? [refuse(manifest, refusal)] : remarks
  })
}

function isKeptBack({ code }: Diagnostic): boolean {
  return code === 'KN417'
}

function touchedIn({ wish, fields }: Draft): Touched {
  return touchedBy(fields, !sameTraffic(wish.before, wish.after), wish.template?.image)
}

function changeOf({ manifest, wish, notes }: Draft, facts: Facts, isOnly: boolean): Change {
  const { label: service, name } = manifest
  const { plan, namespace = manifest.namespace } = facts
  const builtName = serviceName(manifest, facts)
  const { stage, before, after, stable, candidate, template, percentBy } = wish
  const templateName = templateNameOf(manifest)
  const names = { name, ...(builtName !== name && { builtName }) }
  const known = {
    service,
    ...names,
    ...(namespace !== undefined && { namespace }),
    ...(templateName && { templateName }),
    address: addressOf(facts.applied ?? manifest.value, {
      name: builtName,
      ...(namespace !== undefined && { namespace }),
    }),
    ...shownBy(facts, wish),
  }
  const isMade = template !== undefined && Object.keys(template).length > 0
  const ordered = notes.toSorted((a, b) => a.range.start - b.range.start)
  const change = { ...known, plan, isOnly, stage, before, after, roles: { stable, candidate }, notes: ordered }
  return { ...change, ...(isMade && { template }), ...(percentBy !== undefined && { percentBy }) }
}

/** What of a change the snapshot has answered. */
function shownBy({ live }: Facts, { before, after }: Wish): Pick<Change, 'shown'> {
  if (!live) return {}
  const ready = namesIn(after).filter((name) => revisionIn(live, name)?.state === 'ready')
  const isSame = live.wanted !== undefined && equivalentTraffic(live.wanted, before)
  return { shown: { file: live.file, ready, ...(isSame && { isSame }) } }
}
