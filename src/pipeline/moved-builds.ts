import { classOf } from '../codes/code.js'
import { ownName } from '../history/cluster.js'
import type { AppliedService, BuiltRoot } from '../kustomize/build.js'
import { folderName } from '../kustomize/kustomization.js'
import { findManifests } from '../manifest/find.js'
import { spotAt } from '../manifest/manifest.js'
import { sameTraffic } from '../edit/traffic.js'
import type { Neighbourhood } from '../rules/rule.js'
import { isNoted } from '../rules/kept-name.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { at, lineNumber, type SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import { type Json, member, sameJson } from '../yaml/json.js'
import { AppliedServices, buildRemarks, isTold, judgeApplied, servicesByFile, servicesIn } from './applied.js'
import { Passages, type PassageSettings } from './compare.js'
import { reachRemarks } from './delivery-remarks.js'
import type { FileChange, ReadSource, Surroundings } from './request.js'

/** What is known before a move is compared with what it makes of the roots around. */
type Scene = {
  readonly surroundings: Surroundings
  readonly readings: readonly ReadSource[]
  readonly applied: AppliedServices
  readonly neighbourhood: Neighbourhood
  readonly way: Omit<PassageSettings, 'untold'>
  /** Whether what the guards refuse is refused. */
  readonly isGuarded: boolean
  /** What roots built at each commit, among other histories, where Git was asked. */
  readonly histories?: ReadonlyMap<string, FileHistory> | undefined
}

/** What there is to say of the roots that a move has to do with. */
type MovedBuilds = {
  /** What was said before and still holds, and what is new and no reason to refuse. */
  readonly diagnostics: readonly Diagnostic[]
  /** What the cluster would refuse of the result, at the file that changes. */
  readonly refusals: readonly Diagnostic[]
  /** Set where what the roots built before may decide otherwise, and was not given. */
  readonly needsPast?: boolean
}

/**
 * Builds the roots that a move has to do with once more, with the edited files in them, and compares: what the cluster
 * would refuse in a root, though the edited file alone looks well, is refused, and what `check` would say of that commit is
 * said at once.
 *
 * @param about The paths of the files whose Services were chosen.
 */
export function judgeMoved(scene: Scene, changes: readonly FileChange[], about: ReadonlySet<string>): MovedBuilds {
  const { applied, neighbourhood } = scene
  const edited = new Map(changes.map(({ file, text }) => [file.path, text] as const))
  const before = applied.rootsOf(new Set([...about, ...edited.keys()]))
  const older = servicesIn(before, [])
  const known = judgeApplied(older, neighbourhood, applied, (_, found) => found)
  const remarks = buildRemarks(before, scene.surroundings)
  if (edited.size === 0) return { diagnostics: [...remarks, ...known], refusals: [] }
  const anew = rebuilt(scene, edited)
  const after = anew.rootsAt(new Set(before.map(({ root }) => root.file.path)))
  const newer = servicesIn(after, [])
  const judged = judgeApplied(newer, neighbourhood, anew, (_, found) => found)
  const [was, is] = [known, judged].map((list) => new Set(list.map(identityOf)))
  const kept = known.filter((one) => is?.has(identityOf(one)))
  const fresh = judged.filter((one) => !was?.has(identityOf(one)))
  const found = [...fresh, ...guardedIn(scene, { older, newer, after })]
  const broken = after.filter((root, index) => isTold(before[index] ?? root) && !isTold(root))
  const there = (diagnostic: Diagnostic): Diagnostic => placed(diagnostic, changes)
  const errors = found.filter(({ severity }) => severity === 'error').map((one) => there(refusalFor(one)))
  // Several roots can be refused for one and the same line.
  const refusals = [...new Map(errors.map((one) => [JSON.stringify([one.file, one.range, one.message]), one])).values()]
  return {
    needsPast: !scene.histories && newer.some(({ manifest }) => ownName(manifest) !== undefined || isNoted(manifest)),
    diagnostics: [
      ...remarks,
      ...kept,
      ...found.filter(({ severity }) => severity !== 'error').map(there),
      ...withoutEffect(older, newer, changes),
    ],
    refusals: [...refusals, ...broken.flatMap((root) => brokenBuild(root).map(there))],
  }
}

function rebuilt({ surroundings, readings }: Scene, edited: ReadonlyMap<string, string>): AppliedServices {
  const fresh = (file: SourceFile): SourceFile => {
    const text = edited.get(file.path)
    return text === undefined ? file : { ...file, text }
  }
  const around = {
    ...surroundings,
    kustomizations: surroundings.kustomizations.map(fresh),
    files: surroundings.files.map(fresh),
    inputs: (surroundings.inputs ?? []).map(fresh),
  }
  const read = readings.map(({ file, reading }): ReadSource => {
    const now = fresh(file)
    return now === file ? { file, reading } : { file: now, reading: findManifests(now) }
  })
  return new AppliedServices(around, read)
}

/** Edits of traffic that no root takes, though it is built from the file: something decides on each share after it. */
function withoutEffect(
  older: readonly AppliedService[],
  newer: readonly AppliedService[],
  changes: readonly FileChange[],
): readonly Diagnostic[] {
  const before = new Map(older.map((one) => [`${one.root.file.path}\n${one.manifest.label}`, one]))
  const byFile = servicesByFile(newer)
  return changes.flatMap(({ file, changes: own, edits }) => {
    const isMoved = own.some((change) => !sameTraffic(change.before, change.after))
    const [first] = edits
    if (!isMoved || !first) return []
    return (byFile.get(file.path) ?? []).flatMap((one): readonly Diagnostic[] => {
      const was = before.get(`${one.root.file.path}\n${one.manifest.label}`)
      const same = was && sameJson(trafficOf(was), trafficOf(one))
      if (!same) return []
      const spot = spotAt(one.manifest, ['spec', 'traffic', 0, 'percent'])
      const where = `\`${spot.file.path}:${lineNumber(spot.file.text, spot.range.start)}\``
      return [
        {
          code: 'KN606',
          severity: reachRemarks.KN606.severity,
          message: `this edit of \`spec.traffic\` has no effect in \`${folderName(one.root)}\`: ${where} overrides it`,
          help: `edit ${where}, or remove it`,
          file: file.path,
          range: first.range,
          path: 'spec.traffic',
          service: one.base.label,
          roots: [folderName(one.root)],
        },
      ]
    })
  })
}

function trafficOf({ manifest }: AppliedService): Json | undefined {
  return member(manifest.value, 'spec', 'traffic')
}

/** What the guards say of the way from what the roots build now to what they build then. */
function guardedIn(
  { way, isGuarded, histories }: Scene,
  {
    older,
    newer,
    after,
  }: { older: readonly AppliedService[]; newer: readonly AppliedService[]; after: readonly BuiltRoot[] },
): readonly Diagnostic[] {
  if (!isGuarded) return []
  const untold = new Set(after.filter((one) => !isTold(one)).map(({ root }) => root.file.path))
  const before = {
    manifests: older.map(({ manifest }) => manifest),
    unread: [],
    roots: new Set<string>(),
    readings: new Map(),
  }
  const now = newer.map(({ manifest }) => manifest)
  const passages = new Passages({ files: [], ...(histories && { histories }) }, before, now, { ...way, untold })
  return newer.flatMap(({ manifest, root }) =>
    passages.judge(manifest).map((one) => ({ ...one, roots: [folderName(root)] })),
  )
}

/** Two diagnostics with one identity are the same complaint, wherever it now stands. */
function identityOf({ code, path, service, roots = [] }: Diagnostic): string {
  return JSON.stringify([code, path, service, roots])
}

/** An error of a rule is one of the result; a guard speaks of the commit by itself. */
function refusalFor(diagnostic: Diagnostic): Diagnostic {
  const { code, message, roots = [] } = diagnostic
  if (classOf(code) === 'base-to-head') return diagnostic
  const where = roots.map((root) => `\`${root}\``).join(', ')
  return {
    ...diagnostic,
    code: 'KN417',
    message: `Knative would reject the result in ${where}: ${message}`,
  }
}

function brokenBuild({ faults }: BuiltRoot): readonly Diagnostic[] {
  return faults.map(({ at: kustomization, message, help, says }) => ({
    code: 'KN417',
    severity: 'error',
    message: `kustomize could not build the result: ${message}`,
    ...(says && { says }),
    help: help ?? 'choose other values for the flags',
    file: kustomization.file.path,
  }))
}

/** What is said of an edited text is shown where the edit is: what stands there now is not what it is about. */
function placed(diagnostic: Diagnostic, changes: readonly FileChange[]): Diagnostic {
  const own = changes.find(({ file }) => file.path === diagnostic.file)
  if (!own) return diagnostic
  const [first] = own.edits
  return { ...diagnostic, range: first?.range ?? at(0) }
}
