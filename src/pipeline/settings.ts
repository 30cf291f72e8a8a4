import { stockCluster, type ClusterSettings } from '../manifest/cluster-settings.js'
import { readConfigMaps } from '../manifest/config/cluster.js'
import { readConfig, type Config, type ConfigReading } from '../manifest/config/config.js'
import type { Manifest } from '../manifest/manifest.js'
import { matchManifests } from '../manifest/select.js'
import { blueGreen, builtInPlans, planOf, type RolloutPlan } from '../stages/plans.js'
import { stages } from '../stages/table.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { globExpression } from '../text/glob.js'
import type { SourceFile } from '../text/source.js'
import { codes } from './codes.js'
import type { Request } from './outcome.js'
import type { Severities } from './severities.js'

/** What a run goes by besides its request: the configuration, read. */
export type Settings = {
  readonly severities: Severities
  /** The built-in plans and those of the configuration. */
  readonly plans: readonly RolloutPlan[]
  readonly planFor: (manifest: Manifest) => RolloutPlan
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
    return { severities, plans: builtInPlans, planFor: () => blueGreen, cluster, faults: maps.faults }
  }
  const { config, faults } = readKnown(configuration)
  const plans = [...builtInPlans, ...config.plans.map(planOf)]
  return {
    severities: { ...config.rules, ...severities },
    plans,
    planFor: (manifest) => plans.find(({ name }) => name === chosenPlan(config, manifest)) ?? blueGreen,
    cluster: { ...(config.cluster ?? stockCluster), ...maps.settings },
    faults: [...faults, ...maps.faults],
  }
}

/** Reads a configuration by the codes, stages and plans that there are. */
export function readKnown(configuration: SourceFile): ConfigReading {
  return readConfig(configuration, {
    codes: codes.map(({ code }) => code),
    stages: stages.map(({ name }) => name),
    plans: builtInPlans.map(({ name }) => name),
  })
}

/** The first choice that fits the Service decides, then the default of the configuration. */
function chosenPlan({ services, plan }: Config, manifest: Manifest): string | undefined {
  const path = manifest.file.patchPath ?? manifest.file.path
  const choice = services.find((one) => {
    const hasName = one.name === undefined || matchManifests([manifest], one.name).length > 0
    return hasName && (one.path === undefined || globExpression(one.path).test(path))
  })
  return choice?.plan ?? plan
}
