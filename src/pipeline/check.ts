import type { PlanChoice } from '../config/config.js'
import type { FreezeSpec } from '../config/plans.js'
import { isKustomizationFile } from '../kustomize/folders.js'
import { patchPaths } from '../kustomize/patch-paths.js'
import { hasSign } from '../manifest/other-kinds.js'
import { blueGreen, builtInPlans, planOf, type RolloutPlan } from '../stages/stages.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { folderOf, resolvePath } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import type { Severities } from './diagnostics.js'
import { plan } from './plan.js'
import type { Base, Outcome, Request, Surroundings } from './request.js'
import { readKnown } from './settings.js'

/** One side of a change: a file, or all files that the change and its Services have to do with, kustomizations included. */
export type Side = SourceFile | readonly SourceFile[]

/** What `check` goes by. `configuration` is the one of the base: a change must not quiet what judges it. */
export type CheckRequest = Omit<Request, 'move' | 'spell' | 'isMending' | 'base' | 'overlay' | 'shared' | 'init'> & {
  /** What Git knows of the files of the base, newest version first, by their path. Without it, what rests on it is not checked. */
  readonly histories?: ReadonlyMap<string, FileHistory>
}

/** Nobody looked: what rests on older versions is said to be not checked. */
const unknownPast: FileHistory = { versions: [], isCut: true }

/**
 * Judges a change from the texts of its two sides: the Services of the files that differ as `plan` does, and what happens
 * to their revisions and traffic on the way. A path that only one side has is a new or a removed file. What an older
 * commit would tell is a note that it is not checked, unless `histories` has it. Pure, synchronous and total.
 */
export function check(base: Side, head: Side, request: CheckRequest = {}): Outcome {
  const [older, newer] = [filesOf(base), filesOf(head)]
  const { histories, surroundings, ...rest } = request
  const texts = new Map(older.map(({ path, text }) => [path, text]))
  const paths = new Set(newer.map(({ path }) => path))
  const touched = new Set([
    ...newer.filter(({ path, text }) => texts.get(path) !== text).map(({ path }) => path),
    ...older.filter(({ path }) => !paths.has(path)).map(({ path }) => path),
  ])
  const [before, after] = [sidesOf(older), sidesOf(newer)]
  const side: Base = {
    files: before.sources,
    surroundings: before.surroundings,
    touched,
    asked: new Set(texts.keys()),
    histories: new Map(older.map(({ path }) => [path, histories?.get(path) ?? unknownPast])),
  }
  const named = newer.filter(({ path }) => touched.has(path)).map(({ path }) => path)
  return plan(after.sources, {
    ...rest,
    surroundings: surroundings ?? after.surroundings,
    base: side,
    about: new Set(named),
  })
}

function filesOf(side: Side): readonly SourceFile[] {
  return 'path' in side ? [side] : side
}

/** What a run is given of a side, and what stands around that. */
function sidesOf(files: readonly SourceFile[]): {
  readonly sources: readonly SourceFile[]
  readonly surroundings: Surroundings
} {
  const kustomizations = files.filter(({ path }) => isKustomizationFile(path))
  const patches = new Set(
    kustomizations.flatMap(({ path, text }) => patchPaths(path, text).map((name) => resolvePath(folderOf(path), name))),
  )
  const others = files
    .filter(({ path }) => !isKustomizationFile(path))
    .map((file) => (patches.has(file.path) ? { ...file, isPatch: true as const } : file))
  const sources = others.filter(({ text }) => hasSign(text))
  const rest = others.filter((file) => !sources.includes(file))
  return { sources, surroundings: { kustomizations, files: rest, owners: others } }
}

/** What a `.kn-rollout.yaml` says. With an error in `diagnostics` a run that gets the file stops there. */
export type Configuration = {
  /** The severity of codes, by their number. */
  readonly severities: Severities
  /** The built-in plans, then those of the file. */
  readonly plans: readonly RolloutPlan[]
  /** The name of the plan of every Service that `services` gives no other one. */
  readonly plan: string
  /** What holds for some Services: of several that fit, the first that has a key decides on it. */
  readonly services: readonly PlanChoice[]
  /** The windows in which rollouts are held back. */
  readonly freezes: readonly FreezeSpec[]
  /** The domain of the cluster. */
  readonly domain?: string
  /** How the cluster makes URLs. */
  readonly urlTemplate?: string
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the text of a `.kn-rollout.yaml`. To have it judge Services, hand the file to `plan`, `fix`, `check` or `statusOf`
 * as `configuration`. Pure and total: what is wrong with it ends in diagnostics.
 */
export function readConfiguration(file: SourceFile): Configuration {
  const { config, faults } = readKnown(file)
  const { rules, plans, plan: usual = blueGreen.name, services, freezes = [], urls = {} } = config
  const { domain, template } = urls
  return {
    severities: rules,
    plans: [...builtInPlans, ...plans.map(planOf)],
    plan: usual,
    services,
    freezes,
    ...(domain !== undefined && { domain }),
    ...(template !== undefined && { urlTemplate: template }),
    diagnostics: faults,
  }
}
