import { classOf } from '../codes/code.js'
import type { AppliedService, BuiltRoot } from '../kustomize/build.js'
import { StoredVersions } from '../history/asked.js'
import { lastAdmittedUnder } from '../history/cluster.js'
import { folderName } from '../kustomize/kustomization.js'
import { type FileReading, findManifests, matchManifests } from '../manifest/find.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import { asideDiagnostics, hasSign } from '../manifest/other-kinds.js'
import { judge, judgeOther } from '../rules/judge.js'
import { isRoute } from '../rules/places.js'
import { type Profile, profileOf } from '../manifest/profile.js'
import { rememberReading } from '../manifest/version-reading.js'
import { plainAppliers } from '../kustomize/layers/namespace.js'
import { moveOf, type MoveRequest } from '../stages/apply.js'
import type { Facts } from '../stages/roles.js'
import { serviceName } from '../stages/standing.js'
import { grouped, parted, sum } from '../text/collections.js'
import { type Diagnostic, hasErrors } from '../text/diagnostic.js'
import { folderOf } from '../text/path.js'
import { at, type SourceFile } from '../text/source.js'
import { yamlDiagnostic, yamlFaults } from '../yaml/faults.js'
import { member, sameJson } from '../yaml/json.js'
import {
  type AppliedServices,
  buildRemarks,
  concernedBy,
  conflictRemarks,
  isTold,
  judgeApplied,
  olderServices,
  servicesIn,
} from './applied.js'
import { Around } from './around.js'
import { changeFile, type Judged, type Kustomized } from './change.js'
import { mergedIn, Passages, type PassageSettings, unchecked, unvalidated } from './compare.js'
import { applierRemarks, comparisonRemarks, gradedFor, isComparedByArgoCD } from './delivery-remarks.js'
import { grade, isOn, pasteable, silence } from './diagnostics.js'
import { Guarded } from './guarded.js'
import { judgeMoved } from './moved-builds.js'
import { isValidIn, neighbourhoodIn } from './neighbourhood.js'
import { planWithInit } from './overlay-init.js'
import { newcomersIn } from './pairs.js'
import { faultsAtBase, OldIgnores, policyChanges } from './policy.js'
import type { FileChange, Outcome, ReadSource, Request, ServiceRow } from './request.js'
import { barsOf, inStep, withGroups } from './together.js'
import { type Settings, settingsOf, unknownStage } from './settings.js'
import { type Identity, Knowledge, ownIdentity, type Subject } from './snapshot.js'

const forEditing = new WeakMap<SourceFile, FileReading>()

/** Reads a file that is to be edited before `plan` is asked to. A run that asks Git may plan twice, and reads a file once. */
export function warmForEdits(file: SourceFile): FileReading {
  const known = forEditing.get(file) ?? findManifests(file, true)
  forEditing.set(file, known)
  return known
}

/**
 * The whole tool as one function: reads the files, judges the Services in them and, where a move is asked for, works
 * out and proves its edits. Pure, synchronous and total: what a user wrote ends in a diagnostic, never in a throw.
 */
export function plan(files: readonly SourceFile[], request: Request): Outcome {
  return request.init === true ? planWithInit(files, request, planAsIs) : planAsIs(files, request)
}

function planAsIs(files: readonly SourceFile[], request: Request): Outcome {
  const run = open(files, request)
  if ('diagnostics' in run) return run
  const judged = judgeFiles(run)
  const moved = request.move ? moveFiles(run, judged, request.move) : judged.map((one) => unmoved(run, one))
  return gather(run, moved)
}

/** What a run has before it: its files, read, and what is known of the Services in them. */
type Run = {
  readonly request: Request
  readonly settings: Settings
  readonly files: readonly SourceFile[]
  /** With the overlay's own. */
  readonly given: readonly SourceFile[]
  readonly readings: readonly ReadSource[]
  readonly manifests: readonly Manifest[]
  /** Routes and Configurations. */
  readonly others: readonly Manifest[]
  readonly chosen: ReadonlySet<Manifest>
  /** What becomes of the files in kustomize roots, as far as the run is about it. */
  readonly applied: readonly AppliedService[]
  readonly roots: readonly BuiltRoot[]
  /** The paths of what the run is about, be they of files without Services. */
  readonly concerned: ReadonlySet<string>
  readonly refusals: readonly Diagnostic[]
  readonly around: Around
  readonly knowledge: Knowledge
  readonly neighbourhood: ReturnType<typeof neighbourhoodIn>
  /** Services in which the rules have found no error; guards are not asked for it. */
  readonly flawless: Set<Manifest>
  readonly isValid: ReturnType<typeof isValidIn>
  readonly way: Omit<PassageSettings, 'untold'>
  readonly passages: Passages | undefined
  readonly ignored: OldIgnores | undefined
  readonly guarded: Guarded
}

/** Reads all there is; an outcome where nothing can be said of any Service. */
function open(files: readonly SourceFile[], request: Request): Run | Outcome {
  const settings = settingsOf(request)
  const given = request.overlay === undefined ? files : [...files, ...(request.surroundings?.files ?? [])]
  const written = given.map((file) => ({ file, reading: read(file, request) }))
  const faults = request.policy ? faultsAtBase(settings.faults, request.policy, request.cluster) : settings.faults
  if (faults.length > 0) return misconfigured(files, written, request, faults)
  const unknown = unknownStage(request.move, settings.plans)
  if (unknown) return { files, services: [], diagnostics: [unknown], changes: [] }
  const knowledge = new Knowledge(request, settings.planFor, settings.frozenFor)
  const shown = request.live ? [...given, request.live] : given
  if (knowledge.faults.length > 0) return { files: shown, services: [], diagnostics: knowledge.faults, changes: [] }
  const around = new Around(request, written)
  const readings = written.map((one) => deliveredIn(one, around))
  const manifests = readings.flatMap(({ reading }) => reading.manifests)
  const others = readings.flatMap(({ reading }) => reading.others)
  const { chosen: asked, refusals } = around.choose(manifests, { others, hasUnread: readings.some(hidesServices) })
  // What is wrong with the files is not what was asked for.
  const mistyped = refusals.filter(({ code }) => code === 'KN426')
  if (mistyped.length > 0) return { files: [], services: [], diagnostics: mistyped, changes: [] }
  const isTogether = request.move?.command === 'next' && asked.size > 0
  const meant = isTogether ? withGroups(asked, manifests, settings.groupOf) : asked
  const chosen = request.about ? new Set([...meant].filter(({ file }) => request.about?.has(file.path))) : meant
  const neighbourhood = neighbourhoodIn(request, settings, around, { manifests, others })
  const flawless = new Set<Manifest>()
  const isValid = isValidIn(neighbourhood, settings.severities, flawless)
  const way = { ...wayIn(request, settings), isValid, ...(request.live && { shown: knowledge.revisionsOf }) }
  const concerned = concernedIn(request, readings)
  const older = request.base && olderServices(request.base, concerned, request.surroundings)
  const roots = around.rootsIn(concerned, older?.roots)
  const built = servicesIn(roots, request.services ?? [])
  const head = [...manifests.filter((one) => !around.isPart(one)), ...built.map(({ manifest }) => manifest)]
  const passages =
    request.base &&
    older &&
    new Passages(request.base, older, head, {
      ...way,
      untold: untoldIn(roots),
      newcomer: newcomersIn(request.base, head, { ...settings, ...request, live: knowledge.revisionsOf }),
    })
  const applied = passages ? built.filter((one) => isConcerned(one, passages, concerned)) : built
  const ignored = request.base && passages && new OldIgnores(request.base.files, (one) => passages.beforeOf(one))
  const known = {
    given,
    readings,
    manifests,
    others,
    chosen,
    applied,
    roots,
    concerned,
    refusals,
    around,
    knowledge,
    neighbourhood,
  }
  const newer = { manifests, delivered: around.delivered }
  const guarded = new Guarded(request, newer, { ...way, untold: new Set() }, settings.severities)
  return { request, settings, files, ...known, flawless, isValid, way, passages, ignored, guarded }
}

/** What is said where the configuration cannot be used. */
function misconfigured(
  files: readonly SourceFile[],
  written: readonly ReadSource[],
  request: Request,
  diagnostics: readonly Diagnostic[],
): Outcome {
  const manifests = written.flatMap(({ reading }) => reading.manifests)
  const services = manifests.map((manifest) => serviceRow(manifest, request.profile))
  const told = [request.configuration, request.cluster].flatMap((file) => file ?? [])
  return { files: [...files, ...told], services, diagnostics, changes: [] }
}

/** A file with its Services as their controllers apply them. */
function deliveredIn({ file, reading }: ReadSource, { delivered }: Around): ReadSource {
  return { file, reading: { ...reading, manifests: reading.manifests.map(delivered) } }
}

/** What judges the way of Services from one version to another. */
function wayIn({ profile, now = 0 }: Request, { planFor, frozenFor, cluster }: Settings): Omit<Run['way'], 'isValid'> {
  return { planFor, frozenFor, profile, cluster, now }
}

/** The paths of the roots that cannot be built whole: what they apply is not known. */
function untoldIn(roots: readonly BuiltRoot[]): ReadonlySet<string> {
  return new Set(roots.filter((one) => !isTold(one)).map(({ root }) => root.file.path))
}

/** The paths of what a run is about: the files that it was given, or what a change touches. */
function concernedIn({ about, base, surroundings }: Request, readings: readonly ReadSource[]): ReadonlySet<string> {
  const own = readings.map(({ file }) => file.path).filter((path) => about?.has(path) !== false)
  if (!base) return new Set([...own, ...(surroundings?.asked ?? [])])
  return concernedBy({ about: [...own, ...(about ?? [])], base, newer: surroundings })
}

/** Whether a change has to do with a Service that a root applies: it is made of what the change touches, or became another. */
function isConcerned(
  { manifest, sources }: AppliedService,
  passages: Passages,
  concerned: ReadonlySet<string>,
): boolean {
  const before = passages.beforeOf(manifest)
  return !before || !sameJson(before.value, manifest.value) || sources.some(({ path }) => concerned.has(path))
}

function read(file: SourceFile, { move, profile }: Request): FileReading {
  const reading = move === undefined ? findManifests(file) : warmForEdits(file)
  return profile === undefined
    ? reading
    : { ...reading, manifests: reading.manifests.map((manifest) => ({ ...manifest, profile })) }
}

/** A file whose chosen Services were judged. */
type JudgedFile = ReadSource & { readonly own: readonly Judged[] }

function judgeFiles(run: Run): readonly JudgedFile[] {
  const { request, readings, chosen, neighbourhood, passages, refusals } = run
  const isNothing = refusals.some(({ code }) => code === 'KN421')
  return readings.flatMap(({ file, reading }) => {
    if (request.about?.has(file.path) === false) return []
    const isAside = request.overlay !== undefined && !reading.manifests.some((manifest) => chosen.has(manifest))
    // Where an overlay has no Service, what may hide one is the reason.
    if (isAside && !(isNothing && mayHide({ reading }))) return []
    const own = reading.manifests
      .filter((manifest) => chosen.has(manifest))
      .map((manifest) => {
        if (!request.move && run.around.isPart(manifest)) return { manifest, diagnostics: [] }
        const profile = profileIn(run, manifest)
        const appliers = run.around.appliersOf(manifest)
        const isSyncedByArgoCD = (): boolean => isComparedByArgoCD(appliers)
        const found = judge(manifest, { ...neighbourhood, profile, isSyncedByArgoCD })
        // Whether a version is valid is asked without its base, whose profile may have been taken here.
        if (!hasErrors(found) && profile === ownProfile(request, manifest)) run.flawless.add(manifest)
        const together = (): ReturnType<Around['together']> => run.around.together(manifest)
        const ofChange = passages ? [...passages.judge(manifest), ...run.knowledge.unready(manifest)] : []
        const graded = mergedIn(found, ofChange).map((one) => gradedFor(one, appliers, together))
        return { manifest, diagnostics: graded }
      })
    return [{ file, reading, own }]
  })
}

function profileIn({ passages, request }: Run, manifest: Manifest): Profile {
  return passages?.profileOf(manifest) ?? ownProfile(request, manifest)
}

/** The same without a base. */
function ownProfile({ profile }: Request, manifest: Manifest): Profile {
  return profile ?? profileOf(manifest)
}

/** What there is to say in a file, and what is changed in it and around it. */
type MovedFile = JudgedFile & {
  readonly found: readonly Diagnostic[]
  readonly elsewhere: readonly Diagnostic[]
  readonly change?: FileChange
  readonly kustomized: readonly Kustomized[]
}

function unmoved(run: Run, judged: JudgedFile): MovedFile {
  const found = [...faultsIn(run, judged), ...judged.own.flatMap(({ diagnostics }) => diagnostics)]
  return { ...judged, found, elsewhere: [], kustomized: [] }
}

/** What there is to say of a file besides its Services. A Route that a move leaves as it is does not hold up the others. */
function faultsIn({ request, neighbourhood, chosen }: Run, { file, reading }: ReadSource): readonly Diagnostic[] {
  const { services = [], move } = request
  const isAside = move !== undefined && request.all !== true && chosen.size > 0
  const isMeant = (other: Manifest): boolean =>
    services.length === 0 || services.some((pattern) => matchManifests([other], pattern).length > 0)
  return [
    ...reading.faults.map((fault) => yamlDiagnostic(file, fault)),
    ...(services.length === 0 ? asideDiagnostics(file, reading) : []),
    ...reading.others
      .filter(isMeant)
      .flatMap((other) => judgeOther(other, neighbourhood))
      .filter(({ severity }) => !isAside || severity !== 'error'),
  ]
}

function moveFiles(run: Run, judged: readonly JudgedFile[], wish: MoveRequest): readonly MovedFile[] {
  const { request, around, knowledge, neighbourhood, chosen, settings } = run
  const { templateFiles, placeElsewhere, outdoes } = around
  const factsOf = (manifest: Manifest): Facts => ({
    ...knowledge.factsOf(manifest, identityIn(run, manifest)),
    ...around.templateOf(manifest),
    ...aloneIn(around.deliveredFrom(manifest), knowledge),
    builtNames: around.builtNames(manifest),
  })
  const moving = { chosen, factsOf, groupOf: settings.groupOf }
  const together = barsOf(wish, moving)
  const task = {
    move: inStep(moveOf(wish, { isForced: request.force === true }), moving),
    factsOf,
    isSpelled: request.spell === true,
    templateFiles,
    placeElsewhere,
    admittedUnder: (manifest: Manifest, name: string) => admittedUnder(run, manifest, name),
    bars: (manifest: Manifest) => together.get(manifest) ?? around.bars(manifest),
    outdoes,
    guard: run.guarded.judge,
    delivered: around.delivered,
    neighbourhood,
  }
  return judged.map((one) => {
    const history = request.histories?.get(one.file.path)
    // What nobody has edited yet need not be read once more as the newest version.
    if (history?.versions[0]?.text === one.file.text) rememberReading(history, one.file.text, one.reading)
    const outcome = changeFile(one.file, one.reading, one.own, task)
    const changed = new Map(
      outcome.change?.changes.map(({ service, template }) => [service, template ?? ('kept' as const)]),
    )
    const said = one.own.flatMap(({ manifest }) => around.moved(manifest, changed.get(manifest.label)))
    const [here, elsewhere] = [true, false].map((isHere) =>
      said.filter(({ file }) => (file === one.file.path) === isHere),
    )
    const own = outcome.diagnostics.filter((diagnostic) => !isOfPart(run, one, diagnostic))
    const found = [...faultsIn(run, one), ...own, ...(here ?? [])]
    const { change, kustomized = [] } = outcome
    return { ...one, found, elsewhere: elsewhere ?? [], kustomized, ...(change && { change }) }
  })
}

/** Whether a rule, or a guard that warns, says it of a file that is a part of kustomize roots: what becomes of it there is judged in its place. */
function isOfPart({ around }: Run, { own }: JudgedFile, { code, severity, service }: Diagnostic): boolean {
  const about = classOf(code)
  const isGuard = about === 'base-to-head' && severity !== 'error'
  if (about !== 'schema' && about !== 'rules' && !isGuard) return false
  const judged = own.find(({ manifest }) => manifest.label === service)
  return judged !== undefined && around.isPart(judged.manifest)
}

function aloneIn(
  [built, second]: readonly Manifest[],
  { pastOfBuilt }: Knowledge,
): Pick<Facts, 'applied' | 'appliedPast'> {
  return built && !second ? { applied: built.value, appliedPast: () => pastOfBuilt(built) } : {}
}

/** How the cluster knows a Service, as far as what builds and applies it tells. */
function identityIn({ around }: Run, manifest: Manifest): Identity {
  const namespace = around.namespaceOf(manifest)
  const name = serviceName(manifest, { builtNames: around.builtNames(manifest) })
  return { name, ...(namespace !== undefined && { namespace }) }
}

/** The Services that a run is about, as the cluster knows them: those that move, or those that a change brings. */
function subjectsOf(run: Run): readonly Subject[] {
  const { request, around, chosen, applied, passages } = run
  if (!request.move) {
    const plain = [...chosen].filter((one) => !around.isPart(one))
    return [...plain, ...applied.map(({ manifest }) => manifest)].map((manifest) => ({
      manifest,
      identity: ownIdentity(manifest),
      present: passages ? passages.beforeOf(manifest) : manifest,
    }))
  }
  return [...chosen].map((manifest) => {
    const [built, second] = around.deliveredFrom(manifest)
    return { manifest, identity: identityIn(run, manifest), present: second ? undefined : (built ?? manifest) }
  })
}

/** The commit of the last version that the cluster admitted under a revision name. */
function admittedUnder(run: Run, manifest: Manifest, name: string): string | undefined {
  const { request, isValid, settings } = run
  const history = request.histories?.get(manifest.file.path)
  const stored = new StoredVersions((past, beside) => isValid(past, beside, manifest)).of(
    manifest,
    history ?? { versions: [], isCut: false },
  )
  const server = { profile: profileIn(run, manifest), settings: settings.cluster }
  const versions = stored.toReversed().flatMap((version) => version.read() ?? [])
  return lastAdmittedUnder(versions, name, server)?.commit
}

/** Puts together what a run says: by file, graded, without what comments silence. */
function gather(run: Run, moved: readonly MovedFile[]): Outcome {
  const { request, settings, around, knowledge, passages, manifests } = run
  const { severities } = settings
  const spoken = spokenIn(run, moved)
  const isHeld = [...spoken.diagnostics, ...run.refusals].some(
    ({ severity, code }) => severity === 'error' && classOf(code) === 'refusal',
  )
  const images = around.images(
    moved.flatMap(({ kustomized }) => kustomized),
    isHeld,
  )
  const wanted = [...moved.flatMap(({ change }) => change ?? []), ...images.changes]
  const built = builtIn(run, wanted)
  const changes = built.refusals.length > 0 ? [] : wanted
  const denied = [...run.refusals, ...images.refusals, ...built.refusals]
  const isKnown = moved.some(({ found }) => found.some(({ code }) => code === 'KN606'))
  const ofBuilds = built.diagnostics.filter(({ code }) => !(isKnown && code === 'KN606'))
  const elsewhere = [...spoken.elsewhere, ...ofBuilds]
  const services = servicesOf(run)
  const beside = around.shown([...elsewhere, ...denied, ...services], images.changes)
  const quieter = besideIn(run, elsewhere, beside)
  const missing = missingIn(run)
  const unknowns = grade([...missing, ...(passages?.notChecked() ?? [])], severities)
  const ofPolicy = request.policy ? grade(policyChanges(request.policy), severities) : []
  const remarks = knowledge.remarksOn(subjectsOf(run))
  const told = new Set([...spoken.diagnostics, ...quieter.diagnostics].map(({ file }) => file))
  const routes = run.others.filter((one) => isRoute(one) && request.about?.has(one.file.path) !== false).length
  const isIdle = services.length + routes + missing.length === 0
  const nothing = isIdle ? unchecked(request, run.readings, told) : []
  const empty = grade([...unvalidated(request, run.readings, told), ...nothing], severities)
  const said = [
    ...empty,
    ...ofPolicy,
    ...spoken.diagnostics,
    ...quieter.diagnostics,
    ...unknowns,
    ...remarks,
    ...denied,
  ]
  const { after } = request.policy ?? {}
  const { live } = request
  const { own, aside } = filesOfReport(run, said, services)
  const others = [...beside, ...aside, ...(after && ofPolicy.length > 0 ? [after] : []), ...(live ? [live] : [])]
  const silenced = spoken.silenced + quieter.silenced
  const { shape } = request
  return {
    files: [...own, ...others],
    services,
    diagnostics: pasteable(said, manifests, { overlay: request.overlay, snapshot: request.live?.path }),
    changes,
    ...(routes > 0 && { routes }),
    ...(others.length > 0 && { around: others.length }),
    ...(silenced > 0 && { silenced }),
    ...((knowledge.needsPast || run.guarded.needsPast || built.needsPast === true) && { needsPast: true as const }),
    ...(shape && { schema: { file: shape.file, kind: shape.kind } }),
    urls: { scheme: settings.scheme, isAssumed: !settings.isDomainNamed },
    ...overlayOf(request),
  }
}

/** The given files that a report is about, and those that only hold a Service of it. */
function filesOfReport(
  { request, given }: Run,
  said: readonly Diagnostic[],
  services: readonly ServiceRow[],
): { readonly own: readonly SourceFile[]; readonly aside: readonly SourceFile[] } {
  const named = new Set(said.map(({ file }) => file))
  const homes = new Set(services.map(({ file }) => file))
  const [own, rest] = parted(given, ({ path }) => request.about?.has(path) !== false || named.has(path))
  return { own, aside: rest.filter(({ path }) => homes.has(path)) }
}

/** The overlay that was named, with its file. */
function overlayOf({ overlay, shared = false, surroundings }: Request): Pick<Outcome, 'overlay'> {
  const file = surroundings?.kustomizations.find(({ path }) => path === overlay)
  return file ? { overlay: { file, isShared: shared } } : {}
}

/** What there is to say of Services as they are applied. */
function appliedIn(run: Run): readonly Diagnostic[] {
  const { request, applied, roots, passages, neighbourhood, concerned } = run
  const all = run.around.applied
  const { surroundings } = request
  if (request.move || !surroundings) return []
  const conflicts = conflictRemarks({ applied: all, own: roots, plain: plainIn(run) })
  if (!all) return conflicts
  const judged = judgeApplied(applied, neighbourhood, all, ({ manifest, sources }, found) => {
    const own = sources.map(({ path }) => path)
    const touched = concerned.size > 0 ? own.filter((path) => concerned.has(path)) : own
    const ofChange = passages ? [...passages.judge(manifest), ...run.knowledge.unready(manifest)] : []
    const before = passages?.beforeOf(manifest)
    // What was so before the change stands where it stood.
    const isOld = before !== undefined && sameJson(member(before.value, 'spec'), member(manifest.value, 'spec'))
    return mergedIn(found, isOld ? ofChange : ofChange.map((one) => whereChanged(one, touched, all)))
  })
  return [...buildRemarks(roots, surroundings), ...conflicts, ...judged]
}

/** The Services of plain files that controllers apply. */
function plainIn({ request, manifests, around }: Run): Parameters<typeof conflictRemarks>[0]['plain'] {
  return manifests.flatMap((manifest) => {
    const isPlain = !around.isPart(manifest) && !manifest.file.isPatch
    const appliers = isPlain ? plainAppliers(manifest.file, request.surroundings?.applied?.appliers) : []
    return appliers.length > 0 ? { manifest, appliers, isAsked: request.about?.has(manifest.file.path) !== false } : []
  })
}

/** A finding about a change that stands in a file without one is shown in the file that changed, where there is only one. */
function whereChanged(diagnostic: Diagnostic, touched: readonly string[], applied: AppliedServices): Diagnostic {
  const [file, second] = touched
  if (file === undefined || second !== undefined || file === diagnostic.file) return diagnostic
  return { ...diagnostic, file, range: applied.mentionOf(diagnostic.file, file) ?? at(0) }
}

/** Whether the line of a kustomization that is at fault is named already, with what to do about it. */
function isSaidOf(around: readonly Diagnostic[], { code, file, service, path }: Diagnostic): boolean {
  if (code === 'KN202' && path === 'spec.selector') return around.some((one) => one.code === 'KN604')
  if (code === 'KN370') return around.some((one) => one.code === 'KN615' && one.service === service)
  return code === 'KN620' && around.some((one) => one.code === 'KN614' && one.file === file)
}

/** What kustomizations say of Services by themselves; of one with an older side, its change tells whether it keeps a name. */
function aroundIn({ request, around, chosen, applied, passages }: Run): readonly Diagnostic[] {
  if (request.move) return []
  const plain = [...chosen].filter((one) => !around.isPart(one))
  const compared = plain.flatMap((one) => comparisonRemarks(one, around.appliersOf(one)))
  const known = new Set(
    applied.flatMap(({ manifest, sources }) => (passages?.beforeOf(manifest) ? sources.map(({ path }) => path) : [])),
  )
  return [...around.judged(chosen), ...compared].filter(
    ({ file, code }) => request.about?.has(file) !== false && !(code === 'KN602' && known.has(file)),
  )
}

/** What there is to say of what a move does to kustomize roots. */
function builtIn(run: Run, changes: readonly FileChange[]): ReturnType<typeof judgeMoved> {
  const { request, around, readings, chosen, neighbourhood, way } = run
  const { applied } = around
  const { surroundings, force = false } = request
  if (!request.move || !applied || !surroundings) return { diagnostics: [], refusals: [] }
  const about = new Set([...chosen].map(({ file }) => file.path))
  const scene = { surroundings, readings, applied, neighbourhood, way, isGuarded: !force, histories: request.histories }
  return judgeMoved(scene, changes, about)
}

/** The Services that were looked at: plain ones, and each as each root applies it. */
function servicesOf(run: Run): readonly ServiceRow[] {
  const { request, manifests, chosen, applied, passages, around } = run
  const wayOf = (manifest: Manifest): Pick<ServiceRow, 'way'> => (passages ? { way: passages.wayOf(manifest) } : {})
  const isRow = (manifest: Manifest): boolean =>
    chosen.has(manifest) && !(request.move === undefined && around.isPart(manifest))
  const plain = manifests
    .filter(isRow)
    .map((manifest) => ({ ...serviceRow(manifest, profileIn(run, manifest)), ...wayOf(manifest) }))
  const built = (request.move ? [] : applied).map(({ base, manifest, root }) => ({
    ...serviceRow(manifest, profileIn(run, manifest)),
    file: base.file.path,
    range: locate(base, ['metadata', 'name']),
    root: folderName(root),
    ...wayOf(manifest),
  }))
  return [...plain, ...built]
}

/** What is not read of what controllers apply, as far as the run has to do with it. */
function unreadAppliersIn({ request, manifests, chosen, applied, around, concerned }: Run): readonly Diagnostic[] {
  const { move, base, surroundings } = request
  if (move) return []
  const files = [
    ...[...chosen].filter((one) => !around.isPart(one)).map(({ file }) => file),
    ...applied.map(({ root }) => root.file),
  ]
  return applierRemarks(surroundings?.applied, {
    hasServices:
      manifests.length + applied.length > 0 || surroundings?.files.some(({ text }) => hasSign(text)) === true,
    places: placesOf(files),
    plain: placesOf(manifests.filter((one) => !around.isPart(one)).map(({ file }) => file)),
    isOfChange: base !== undefined,
    isAbout: (path) => (base ? concerned.has(path) : surroundings?.askedAppliers?.has(path) !== false),
  })
}

function placesOf(files: readonly SourceFile[]): readonly string[] {
  return [...new Set(files.map(({ path, patchPath = path }) => folderOf(patchPath)))]
}

type Spoken = {
  readonly diagnostics: readonly Diagnostic[]
  /** What is to be said in files of no Service of the run. */
  readonly elsewhere: readonly Diagnostic[]
  readonly silenced: number
}

function spokenIn(run: Run, moved: readonly MovedFile[]): Spoken {
  const { request, settings, neighbourhood, ignored } = run
  const { severities } = settings
  const ofAround = aroundIn(run)
  const built = appliedIn(run).filter((one) => !isSaidOf(ofAround, one))
  const ofKustomizations = grouped([...ofAround, ...built, ...unreadAppliersIn(run)], ({ file }) => file)
  const diagnostics: Diagnostic[] = []
  let silenced = 0
  for (const { file, reading, own, found } of moved) {
    const graded = grade([...found, ...(ofKustomizations.get(file.path) ?? [])], severities)
    if (reading.manifests.length + reading.others.length + reading.asides.length === 0) {
      for (const one of graded) diagnostics.push(one)
      continue
    }
    // A move settles complaints, and YAML that cannot be read hides them.
    const isJudged = !request.move && own.length === reading.manifests.length && !found.some(hidesOthers)
    const isExpected = (code: string): boolean =>
      !isPassing(code) && !isAround(code) && isOn(code, neighbourhood.enabled, severities)
    const quiet = silence(file, graded, {
      expected: (code) => isJudged && isExpected(code),
      counts: ignored?.in(file, reading),
    })
    for (const one of [...quiet.left, ...grade(quiet.idle, severities)]) diagnostics.push(one)
    silenced += quiet.silenced
  }
  const paths = new Set(moved.map(({ file }) => file.path))
  const outside = [...ofKustomizations].flatMap(([file, found]) => (paths.has(file) ? [] : found))
  return { diagnostics, elsewhere: [...moved.flatMap(({ elsewhere }) => elsewhere), ...outside], silenced }
}

function besideIn(
  { settings: { severities }, given, readings, ignored }: Run,
  elsewhere: readonly Diagnostic[],
  beside: readonly SourceFile[],
): Omit<Spoken, 'elsewhere'> {
  const byFile = grouped(elsewhere, ({ file }) => file)
  const readingOf = new Map(readings.map(({ file, reading }) => [file, reading]))
  const quiet = (byFile.size > 0 ? [...given, ...beside] : []).map((file) => {
    const own = grade(byFile.get(file.path) ?? [], severities)
    return silence(file, own, { expected: () => false, counts: ignored?.in(file, readingOf.get(file)) })
  })
  return { diagnostics: quiet.flatMap(({ left }) => left), silenced: sum(quiet.map(({ silenced }) => silenced)) }
}

function missingIn({ request, readings, given, passages }: Run): readonly Diagnostic[] {
  const hidden = new Set(readings.filter(mayHide).map(({ file }) => file.path))
  return passages?.removed(given, hidden, request) ?? []
}

/** Whether a file may hold Services that nobody can see. */
function hidesServices({ reading: { faults } }: { readonly reading: FileReading }): boolean {
  return faults.some(({ code }) => yamlFaults[code].severity === 'error')
}

/** A template may become any Service. */
function mayHide(source: { readonly reading: FileReading }): boolean {
  return hidesServices(source) || source.reading.faults.some(({ code }) => code === 'KN103')
}

/** Whether it depends on more than the file whether the code is found. */
function isAround(code: string): boolean {
  return classOf(code) === 'kustomize'
}

function hidesOthers({ code, severity }: Diagnostic): boolean {
  return severity === 'error' && classOf(code) === 'yaml'
}

/** Whether a code is about one change alone: an ignore of it has nothing to silence before that change, nor after it. */
function isPassing(code: string): boolean {
  return classOf(code) === 'base-to-head'
}

function serviceRow(manifest: Manifest, profile = profileOf(manifest)): ServiceRow {
  const { file, name, namespace } = manifest
  const range = locate(manifest, ['metadata', 'name'])
  const named = { file: file.path, range, name, ...(namespace === undefined ? {} : { namespace }) }
  return { ...named, profile, ...(file.isPatch && { isPatch: true }) }
}
