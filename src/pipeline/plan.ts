import { yamlDiagnostic, yamlFaults } from '../manifest/faults.js'
import { findManifests, type FileReading } from '../manifest/find.js'
import { locate } from '../manifest/locate.js'
import type { Manifest } from '../manifest/manifest.js'
import { judge } from '../rules/judge.js'
import { profileOf, type Profile } from '../rules/profiles.js'
import { moveOf } from '../stages/moves.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { grouped } from '../text/grouped.js'
import type { SourceFile } from '../text/source.js'
import type { Facts } from '../stages/move.js'
import { serviceName } from '../stages/service-name.js'
import { Around } from './around.js'
import { changeFile, type Kustomized } from './change.js'
import type { FileChange, Outcome, Request, ServiceRow } from './outcome.js'
import { mergedIn, Passages } from './passages.js'
import { unknownStage } from './known-stage.js'
import { lastAdmittedUnder } from '../history/replay.js'
import { StoredVersions } from '../history/versions.js'
import { Knowledge } from './knowledge.js'
import { neighbourhoodIn } from './neighbourhood.js'
import { OldIgnores } from './old-ignores.js'
import { pasteable } from './pasteable.js'
import { faultsAtBase, policyChanges } from './policy.js'
import { settingsOf } from './settings.js'
import { grade, isOn } from './severities.js'
import { silence } from './silence.js'
import { isValidIn } from './valid.js'

const warmed = new WeakMap<SourceFile, FileReading>()

/** Reads a file before `plan` is asked to judge it: time that would be spent waiting. */
export function warm(file: SourceFile): void {
  warmed.set(file, findManifests(file))
}

/**
 * The whole tool as one function: reads the files, judges the Services in them and, where a move is asked for, works
 * out and proves its edits. Pure, synchronous and total: what a user wrote ends in a diagnostic, never in a throw.
 */
export function plan(files: readonly SourceFile[], request: Request): Outcome {
  const settings = settingsOf(request)
  const { severities, plans, planFor, cluster, faults: broken } = settings
  const faults = request.policy ? faultsAtBase(broken, request.policy, request.cluster) : broken
  const given = request.overlay === undefined ? files : [...files, ...(request.surroundings?.files ?? [])]
  const readings = given.map((file) => {
    return { file, reading: request.move ? findManifests(file, true) : (warmed.get(file) ?? findManifests(file)) }
  })
  const manifests = readings.flatMap(({ reading }) => reading.manifests)
  if (faults.length > 0) {
    const services = manifests.map((manifest) => serviceRow(manifest, request.profile))
    const told = [request.configuration, request.cluster].flatMap((file) => file ?? [])
    return { files: [...files, ...told], services, diagnostics: faults, changes: [] }
  }
  const unknown = unknownStage(request.move, plans)
  if (unknown) return { files, services: [], diagnostics: [unknown], changes: [] }
  const knowledge = new Knowledge(request, planFor)
  const shown = request.live ? [...given, request.live] : given
  if (knowledge.faults.length > 0) return { files: shown, services: [], diagnostics: knowledge.faults, changes: [] }
  const around = new Around(request, readings)
  const { chosen: asked, refusals } = around.choose(manifests, readings.some(hidesServices))
  const chosen = request.about ? new Set([...asked].filter(({ file }) => request.about?.has(file.path))) : asked
  const { profile, shape } = request
  const { templateFiles, bars, outdoes } = around
  const neighbourhood = neighbourhoodIn(request, settings, around, manifests)
  const { enabled } = neighbourhood
  const nameOf = (manifest: Manifest): string => serviceName(manifest, { builtNames: around.builtNames(manifest) })
  const factsOf = (manifest: Manifest): Facts => ({
    ...knowledge.factsOf(manifest, nameOf(manifest)),
    ...around.templateOf(manifest),
    builtNames: around.builtNames(manifest),
  })
  const isValid = isValidIn(neighbourhood, severities)
  const way = { planFor, profile: request.profile, cluster, now: request.now ?? 0, isValid }
  const passages = request.base && new Passages(request.base, manifests, way)
  const judgeOf = (manifest: Manifest): Profile => passages?.profileOf(manifest) ?? profile ?? profileOf(manifest)
  const admittedUnder = (manifest: Manifest, name: string): string | undefined => {
    const history = request.histories?.get(manifest.file.path)
    const stored = new StoredVersions((past, beside) => isValid(past, beside, manifest)).of(
      manifest,
      history ?? { versions: [], isCut: false },
    )
    const server = { profile: judgeOf(manifest), settings: cluster }
    const versions = stored.toReversed().flatMap(({ read }) => read() ?? [])
    return lastAdmittedUnder(versions, name, server)?.commit
  }
  const ignored = request.base && passages && new OldIgnores(request.base.files, (one) => passages.beforeOf(one))
  const diagnostics: Diagnostic[] = []
  const changes: FileChange[] = []
  const kustomized: Kustomized[] = []
  const elsewhere: Diagnostic[] = []
  const add = (file: SourceFile, found: Diagnostic[], said: readonly Diagnostic[]): void => {
    for (const one of said) (one.file === file.path ? found : elsewhere).push(one)
  }
  const ofAround = (request.move ? [] : around.judged(chosen)).filter(({ file }) => request.about?.has(file) !== false)
  const ofKustomizations = grouped(ofAround, ({ file }) => file)
  let silenced = 0
  for (const { file, reading } of readings) {
    if (request.about?.has(file.path) === false) continue
    if (request.overlay !== undefined && !reading.manifests.some((manifest) => chosen.has(manifest))) continue
    const found = reading.faults.map((fault) => yamlDiagnostic(file, fault))
    const own = reading.manifests.filter((manifest) => chosen.has(manifest))
    const judged = own.map((manifest) => ({
      manifest,
      diagnostics: mergedIn(
        judge(manifest, { ...neighbourhood, profile: judgeOf(manifest) }),
        passages?.judge(manifest) ?? [],
      ),
    }))
    if (request.move) {
      const outcome = changeFile(file, reading, judged, {
        move: moveOf(request.move),
        factsOf,
        isSpelled: request.spell === true,
        templateFiles,
        admittedUnder,
        bars,
        outdoes,
        neighbourhood,
      })
      found.push(...outcome.diagnostics)
      if (outcome.change) changes.push(outcome.change)
      kustomized.push(...(outcome.kustomized ?? []))
      const changed = new Map(outcome.change?.changes.map((one) => [one.service, one.template ?? 'kept'] as const))
      for (const manifest of own) add(file, found, around.moved(manifest, changed.get(manifest.label)))
    } else for (const one of judged.flatMap(({ diagnostics: said }) => said)) found.push(one)
    for (const one of ofKustomizations.get(file.path) ?? []) found.push(one)
    const graded = grade(found, severities)
    if (reading.manifests.length === 0) {
      for (const one of graded) diagnostics.push(one)
      continue
    }
    // A move settles complaints, and YAML that cannot be read hides them.
    const isJudged = !request.move && own.length === reading.manifests.length && !found.some(hidesOthers)
    const isExpected = (code: string): boolean => !isPassing(code) && !isAround(code) && isOn(code, enabled, severities)
    const quiet = silence(file, graded, {
      expected: (code) => isJudged && isExpected(code),
      counts: ignored?.in(file, reading),
    })
    for (const one of [...quiet.left, ...grade(quiet.idle, severities)]) diagnostics.push(one)
    silenced += quiet.silenced
  }
  const isHeld = [...diagnostics, ...refusals].some(
    ({ severity, code }) => severity === 'error' && code.startsWith('KN4'),
  )
  const images = around.images(kustomized, isHeld)
  changes.push(...images.changes)
  const denied = [...refusals, ...images.refusals]
  const services = manifests
    .filter((manifest) => chosen.has(manifest))
    .map((manifest) => ({
      ...serviceRow(manifest, judgeOf(manifest)),
      ...(passages && { way: passages.wayOf(manifest) }),
    }))
  const readingOf = new Map(readings.map(({ file, reading }) => [file, reading]))
  const paths = new Set(given.map(({ path }) => path))
  for (const [file, found] of ofKustomizations) if (!paths.has(file)) elsewhere.push(...found)
  const beside = around.shown([...elsewhere, ...denied], images.changes)
  const byFile = grouped(elsewhere, ({ file }) => file)
  for (const file of byFile.size > 0 ? [...given, ...beside] : []) {
    const own = grade(byFile.get(file.path) ?? [], severities)
    const quiet = silence(file, own, { expected: () => false, counts: ignored?.in(file, readingOf.get(file)) })
    diagnostics.push(...quiet.left)
    silenced += quiet.silenced
  }
  const hidden = new Set(readings.filter(mayHide).map(({ file }) => file.path))
  const missing = passages?.removed(given, hidden, request.services ?? []) ?? []
  const unknowns = grade([...missing, ...(passages?.notChecked() ?? [])], severities)
  const { policy } = request
  const ofPolicy = policy ? grade(policyChanges(policy), severities) : []
  const said = [...ofPolicy, ...diagnostics, ...unknowns, ...knowledge.remarksOn(chosen, nameOf), ...denied]
  const all = pasteable(said, manifests, request.overlay)
  const others = [...beside, ...(policy?.after && ofPolicy.length > 0 ? [policy.after] : [])]
  const more = {
    ...(others.length > 0 && { around: others.length }),
    ...(silenced > 0 && { silenced }),
    ...(knowledge.needsPast && { needsPast: true as const }),
  }
  const schema = shape && { file: shape.file, kind: shape.kind }
  const told = [...shown.filter(({ path }) => request.about?.has(path) !== false), ...others]
  return { files: told, services, diagnostics: all, changes, ...more, ...(schema && { schema }) }
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
  return code.startsWith('KN6')
}

function hidesOthers({ code, severity }: Diagnostic): boolean {
  return severity === 'error' && code.startsWith('KN1')
}

/** Whether a code is about one change alone: an ignore of it has nothing to silence before that change, nor after it. */
function isPassing(code: string): boolean {
  return code.startsWith('KN5')
}

function serviceRow(manifest: Manifest, profile = profileOf(manifest)): ServiceRow {
  const { file, name, namespace } = manifest
  const range = locate(manifest, ['metadata', 'name'])
  const named = { file: file.path, range, name, ...(namespace === undefined ? {} : { namespace }) }
  return { ...named, profile, ...(file.isPatch && { isPatch: true }) }
}
