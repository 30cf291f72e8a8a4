import { classOf } from '../codes/code.js'
import { StoredVersions } from '../history/asked.js'
import { lastAdmittedUnder } from '../history/replay.js'
import { type FileReading, findManifests } from '../manifest/find.js'
import { locate, type Manifest } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import { type Profile, profileOf } from '../rules/rule.js'
import { moveOf, type MoveRequest } from '../stages/apply.js'
import type { Facts } from '../stages/roles.js'
import { serviceName } from '../stages/standing.js'
import { grouped, sum } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { yamlDiagnostic, yamlFaults } from '../yaml/faults.js'
import { Around } from './around.js'
import { changeFile, type Judged, type Kustomized } from './change.js'
import { mergedIn, Passages } from './compare.js'
import { grade, isOn, pasteable, silence } from './diagnostics.js'
import { Guarded } from './guarded.js'
import { Knowledge } from './knowledge.js'
import { isValidIn, neighbourhoodIn } from './neighbourhood.js'
import { newcomersIn } from './newcomers.js'
import { faultsAtBase, OldIgnores, policyChanges } from './policy.js'
import type { FileChange, Outcome, ReadSource, Request, ServiceRow } from './request.js'
import { type Settings, settingsOf, unknownStage } from './settings.js'

const warmed = new WeakMap<SourceFile, FileReading>()

/** Reads a file before `plan` is asked to judge it: time that would be spent waiting. */
export function warm(file: SourceFile): FileReading {
  const known = warmed.get(file) ?? findManifests(file)
  warmed.set(file, known)
  return known
}

/**
 * The whole tool as one function: reads the files, judges the Services in them and, where a move is asked for, works
 * out and proves its edits. Pure, synchronous and total: what a user wrote ends in a diagnostic, never in a throw.
 */
export function plan(files: readonly SourceFile[], request: Request): Outcome {
  const run = open(files, request)
  if ('diagnostics' in run) return run
  const judged = judgeFiles(run)
  const moved = request.move ? moveFiles(run, judged, request.move) : judged.map(unmoved)
  return gather(run, moved)
}

/** What a run has before it: its files, read, and what is known of the Services in them. */
type Run = {
  readonly request: Request
  readonly settings: Settings
  readonly files: readonly SourceFile[]
  /** With the overlay's own. */
  readonly given: readonly SourceFile[]
  readonly shown: readonly SourceFile[]
  readonly readings: readonly ReadSource[]
  readonly manifests: readonly Manifest[]
  readonly chosen: ReadonlySet<Manifest>
  readonly refusals: readonly Diagnostic[]
  readonly around: Around
  readonly knowledge: Knowledge
  readonly neighbourhood: ReturnType<typeof neighbourhoodIn>
  readonly isValid: ReturnType<typeof isValidIn>
  readonly passages: Passages | undefined
  readonly ignored: OldIgnores | undefined
  readonly guarded: Guarded
}

/** Reads all there is; an outcome where nothing can be said of any Service. */
function open(files: readonly SourceFile[], request: Request): Run | Outcome {
  const settings = settingsOf(request)
  const given = request.overlay === undefined ? files : [...files, ...(request.surroundings?.files ?? [])]
  const readings = given.map((file) => ({ file, reading: read(file, request.move !== undefined) }))
  const manifests = readings.flatMap(({ reading }) => reading.manifests)
  const faults = request.policy ? faultsAtBase(settings.faults, request.policy, request.cluster) : settings.faults
  if (faults.length > 0) {
    const services = manifests.map((manifest) => serviceRow(manifest, request.profile))
    const told = [request.configuration, request.cluster].flatMap((file) => file ?? [])
    return { files: [...files, ...told], services, diagnostics: faults, changes: [] }
  }
  const unknown = unknownStage(request.move, settings.plans)
  if (unknown) return { files, services: [], diagnostics: [unknown], changes: [] }
  const knowledge = new Knowledge(request, settings.planFor)
  const shown = request.live ? [...given, request.live] : given
  if (knowledge.faults.length > 0) return { files: shown, services: [], diagnostics: knowledge.faults, changes: [] }
  const around = new Around(request, readings)
  const { chosen: asked, refusals } = around.choose(manifests, readings.some(hidesServices))
  const chosen = request.about ? new Set([...asked].filter(({ file }) => request.about?.has(file.path))) : asked
  const neighbourhood = neighbourhoodIn(request, settings, around, manifests)
  const isValid = isValidIn(neighbourhood, settings.severities)
  const { planFor, cluster } = settings
  const way = { planFor, profile: request.profile, cluster, now: request.now ?? 0, isValid }
  const passages =
    request.base &&
    new Passages(request.base, manifests, {
      ...way,
      newcomer: newcomersIn(request.base, manifests, { ...settings, ...request, live: knowledge.revisionsOf }),
    })
  const ignored = request.base && passages && new OldIgnores(request.base.files, (one) => passages.beforeOf(one))
  const known = { given, shown, readings, manifests, chosen, refusals, around, knowledge, neighbourhood, isValid }
  const guarded = new Guarded(request, manifests, way, settings.severities)
  return { request, settings, files, ...known, passages, ignored, guarded }
}

function read(file: SourceFile, isForEditing: boolean): FileReading {
  return isForEditing ? findManifests(file, true) : (warmed.get(file) ?? findManifests(file))
}

/** A file whose chosen Services were judged. */
type JudgedFile = ReadSource & { readonly own: readonly Judged[] }

function judgeFiles(run: Run): readonly JudgedFile[] {
  const { request, readings, chosen, neighbourhood, passages } = run
  return readings.flatMap(({ file, reading }) => {
    if (request.about?.has(file.path) === false) return []
    if (request.overlay !== undefined && !reading.manifests.some((manifest) => chosen.has(manifest))) return []
    const own = reading.manifests
      .filter((manifest) => chosen.has(manifest))
      .map((manifest) => {
        const profile = profileIn(run, manifest)
        const found = judge(manifest, { ...neighbourhood, profile })
        return { manifest, diagnostics: mergedIn(found, passages?.judge(manifest) ?? []) }
      })
    return [{ file, reading, own }]
  })
}

function profileIn({ passages, request }: Run, manifest: Manifest): Profile {
  return passages?.profileOf(manifest) ?? request.profile ?? profileOf(manifest)
}

/** What there is to say in a file, and what is changed in it and around it. */
type MovedFile = JudgedFile & {
  readonly found: readonly Diagnostic[]
  readonly elsewhere: readonly Diagnostic[]
  readonly change?: FileChange
  readonly kustomized: readonly Kustomized[]
}

function unmoved(judged: JudgedFile): MovedFile {
  const found = [...faultsIn(judged), ...judged.own.flatMap(({ diagnostics }) => diagnostics)]
  return { ...judged, found, elsewhere: [], kustomized: [] }
}

function faultsIn({ file, reading }: ReadSource): readonly Diagnostic[] {
  return reading.faults.map((fault) => yamlDiagnostic(file, fault))
}

function moveFiles(run: Run, judged: readonly JudgedFile[], wish: MoveRequest): readonly MovedFile[] {
  const { request, around, knowledge, neighbourhood } = run
  const { templateFiles, bars, outdoes } = around
  const task = {
    move: moveOf(wish),
    factsOf: (manifest: Manifest): Facts => ({
      ...knowledge.factsOf(manifest, nameIn(run, manifest)),
      ...around.templateOf(manifest),
      builtNames: around.builtNames(manifest),
    }),
    isSpelled: request.spell === true,
    templateFiles,
    admittedUnder: (manifest: Manifest, name: string) => admittedUnder(run, manifest, name),
    bars,
    outdoes,
    guard: run.guarded.judge,
    neighbourhood,
  }
  return judged.map((one) => {
    const outcome = changeFile(one.file, one.reading, one.own, task)
    const changed = new Map(
      outcome.change?.changes.map(({ service, template }) => [service, template ?? ('kept' as const)]),
    )
    const said = one.own.flatMap(({ manifest }) => around.moved(manifest, changed.get(manifest.label)))
    const [here, elsewhere] = [true, false].map((isHere) =>
      said.filter(({ file }) => (file === one.file.path) === isHere),
    )
    const found = [...faultsIn(one), ...outcome.diagnostics, ...(here ?? [])]
    const { change, kustomized = [] } = outcome
    return { ...one, found, elsewhere: elsewhere ?? [], kustomized, ...(change && { change }) }
  })
}

function nameIn({ around }: Run, manifest: Manifest): string {
  return serviceName(manifest, { builtNames: around.builtNames(manifest) })
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
  const versions = stored.toReversed().flatMap(({ read: readVersion }) => readVersion() ?? [])
  return lastAdmittedUnder(versions, name, server)?.commit
}

/** Puts together what a run says: by file, graded, without what comments silence. */
function gather(run: Run, moved: readonly MovedFile[]): Outcome {
  const { request, settings, shown, chosen, around, knowledge, passages, manifests } = run
  const { severities } = settings
  const spoken = spokenIn(run, moved)
  const isHeld = [...spoken.diagnostics, ...run.refusals].some(
    ({ severity, code }) => severity === 'error' && classOf(code) === 'refusal',
  )
  const images = around.images(
    moved.flatMap(({ kustomized }) => kustomized),
    isHeld,
  )
  const changes = [...moved.flatMap(({ change }) => change ?? []), ...images.changes]
  const denied = [...run.refusals, ...images.refusals]
  const beside = around.shown([...spoken.elsewhere, ...denied], images.changes)
  const quieter = besideIn(run, spoken.elsewhere, beside)
  const missing = missingIn(run)
  const unknowns = grade([...missing, ...(passages?.notChecked() ?? [])], severities)
  const ofPolicy = request.policy ? grade(policyChanges(request.policy), severities) : []
  const remarks = knowledge.remarksOn(chosen, (manifest) => nameIn(run, manifest))
  const said = [...ofPolicy, ...spoken.diagnostics, ...quieter.diagnostics, ...unknowns, ...remarks, ...denied]
  const { after } = request.policy ?? {}
  const others = [...beside, ...(after && ofPolicy.length > 0 ? [after] : [])]
  const silenced = spoken.silenced + quieter.silenced
  const { shape } = request
  return {
    files: [...shown.filter(({ path }) => request.about?.has(path) !== false), ...others],
    services: manifests
      .filter((manifest) => chosen.has(manifest))
      .map((manifest) => ({
        ...serviceRow(manifest, profileIn(run, manifest)),
        ...(passages && { way: passages.wayOf(manifest) }),
      })),
    diagnostics: pasteable(said, manifests, request.overlay),
    changes,
    ...(others.length > 0 && { around: others.length }),
    ...(silenced > 0 && { silenced }),
    ...((knowledge.needsPast || run.guarded.needsPast) && { needsPast: true as const }),
    ...(shape && { schema: { file: shape.file, kind: shape.kind } }),
  }
}

type Spoken = {
  readonly diagnostics: readonly Diagnostic[]
  /** What is to be said in files of no Service of the run. */
  readonly elsewhere: readonly Diagnostic[]
  readonly silenced: number
}

function spokenIn(run: Run, moved: readonly MovedFile[]): Spoken {
  const { request, settings, given, around, chosen, neighbourhood, ignored } = run
  const { severities } = settings
  const ofAround = (request.move ? [] : around.judged(chosen)).filter(({ file }) => request.about?.has(file) !== false)
  const ofKustomizations = grouped(ofAround, ({ file }) => file)
  const diagnostics: Diagnostic[] = []
  let silenced = 0
  for (const { file, reading, own, found } of moved) {
    const graded = grade([...found, ...(ofKustomizations.get(file.path) ?? [])], severities)
    if (reading.manifests.length === 0) {
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
  const paths = new Set(given.map(({ path }) => path))
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
