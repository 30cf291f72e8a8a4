import { type ClusterSettings, stockCluster } from '../config/cluster-settings.js'
import { readConfigMaps } from '../config/cluster.js'
import { type Config, type ConfigReading, readConfig } from '../config/config.js'
import { manifestMatcher } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { MoveRequest } from '../stages/apply.js'
import { blueGreen, builtInPlans, planOf, type RolloutPlan } from '../stages/plans.js'
import { stages } from '../stages/stages.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { globMatcher } from '../text/path.js'
import type { SourceFile } from '../text/source.js'
import { nearest, shellPath } from '../text/words.js'
import { allCodes } from './codes.js'
import type { Severities } from './diagnostics.js'
import type { Request } from './request.js'

/** What a run goes by besides its request: the configuration, read. */
export type Settings = {
  readonly severities: Severities
  /** The built-in plans and those of the configuration. */
  readonly plans: readonly RolloutPlan[]
  readonly planFor: (manifest: Manifest) => RolloutPlan
  /** The revisions that the configuration says a Service has. */
  readonly revisionsOf: (manifest: Manifest) => readonly string[]
  /** What an operator has set in the cluster: what the request says of a ConfigMap counts more than the configuration. */
  readonly cluster: ClusterSettings
  /** What is wrong with the configuration; with faults nothing of it counts. */
  readonly faults: readonly Diagnostic[]
}

/** Reads the configuration of a request. What the request itself says counts more. */
export function settingsOf({
  configuration,
  severities = {},
  cluster: saved,
}: Pick<Request, 'configuration' | 'severities' | 'cluster'>): Settings {
  const maps = saved ? readConfigMaps(saved) : { settings: {}, faults: [] }
  if (!configuration) {
    const cluster = { ...stockCluster, ...maps.settings }
    return {
      severities,
      plans: builtInPlans,
      planFor: () => blueGreen,
      revisionsOf: () => [],
      cluster,
      faults: maps.faults,
    }
  }
  const { config, faults } = readKnown(configuration)
  const plans = [...builtInPlans, ...config.plans.map(planOf)]
  const named = new Map(plans.toReversed().map((plan) => [plan.name, plan]))
  const fitting = chooser(config)
  return {
    severities: { ...config.rules, ...severities },
    plans,
    planFor: (manifest) => {
      const chosen = fitting(manifest).find(({ plan }) => plan !== undefined)?.plan ?? config.plan
      return named.get(chosen ?? '') ?? blueGreen
    },
    revisionsOf: (manifest) => fitting(manifest).flatMap(({ revisions = [] }) => revisions),
    cluster: { ...(config.cluster ?? stockCluster), ...maps.settings },
    faults: [...faults, ...maps.faults],
  }
}

/** Reads a configuration by the codes, stages and plans that there are. */
export function readKnown(configuration: SourceFile): ConfigReading {
  return readConfig(configuration, {
    codes: new Map(allCodes().flatMap(({ code, name }) => [[code, code] as const, [name, code] as const])),
    stages,
    plans: builtInPlans.map(({ name }) => name),
  })
}

/** The choices that fit a Service, in the order of the configuration. */
function chooser({ services }: Config): (manifest: Manifest) => Config['services'] {
  const choices = services.map((choice) => {
    const { name, path } = choice
    return {
      choice,
      hasName: name === undefined ? undefined : manifestMatcher(name),
      hasPath: path === undefined ? undefined : globMatcher(path),
    }
  })
  return (manifest) => {
    const at = manifest.file.patchPath ?? manifest.file.path
    return choices
      .filter(({ hasName, hasPath }) => (!hasName || hasName(manifest)) && (!hasPath || hasPath.test(at)))
      .map(({ choice }) => choice)
  }
}

/** Why a stage that is neither built in nor in any plan cannot be what the user means. */
export function unknownStage(move: MoveRequest | undefined, plans: readonly RolloutPlan[]): Diagnostic | undefined {
  if (move?.command !== 'apply') return undefined
  const own = plans.flatMap(({ steps }) => steps.map(({ stage }) => stage.name))
  const names = [...new Set([...stages.map(({ name }) => name), ...own])]
  if (names.includes(move.stage)) return undefined
  const close = isPath(move.stage) ? undefined : nearest(move.stage, names)
  const list = isPath(move.stage)
    ? `put the stage first, as in \`kn-rollout apply split ${shellPath(move.stage)}\``
    : `use one of ${names.join(', ')}`
  return {
    code: 'KN424',
    severity: 'error',
    message: `unknown stage \`${move.stage}\``,
    help: close === undefined ? list : `did you mean \`${close}\`? ${list[0]?.toUpperCase()}${list.slice(1)}`,
    file: '',
  }
}

/** Whether a word was most likely meant for the files that follow a stage. */
function isPath(word: string): boolean {
  return /[/\\*]|^\.+$|\.(?:ya?ml|json)$/.test(word)
}
