import { type ClusterSettings, stockCluster } from '../config/cluster-settings.js'
import { readConfigMaps } from '../config/cluster.js'
import { type Config, type ConfigReading, readConfig, type UrlSpec } from '../config/config.js'
import { manifestMatcher } from '../manifest/find.js'
import type { Manifest } from '../manifest/manifest.js'
import type { MoveRequest } from '../stages/apply.js'
import { type Frozen, frozenAt } from '../stages/freeze.js'
import { blueGreen, builtInPlans, planOf, type RolloutPlan, stages } from '../stages/stages.js'
import { defaultScheme, templateFault, type UrlScheme } from '../stages/url.js'
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
  /** The group that a Service moves with. */
  readonly groupOf: (manifest: Manifest) => string | undefined
  /** The revisions that the configuration says a Service has. */
  readonly revisionsOf: (manifest: Manifest) => readonly string[]
  /** Whether rollouts of a Service are held back at a moment, in seconds since 1970. */
  readonly frozenFor: FrozenFor
  /** What an operator has set in the cluster: what the request says of a ConfigMap counts more than the configuration. */
  readonly cluster: ClusterSettings
  /** How URLs are made: what the request says counts more than the configuration, and that more than Knative's defaults. */
  readonly scheme: UrlScheme
  /** Whether somebody has named the domain: no manifest tells it. */
  readonly isDomainNamed: boolean
  /** What is wrong with the configuration; with faults nothing of it counts. */
  readonly faults: readonly Diagnostic[]
}

/** Whether rollouts of a Service are held back at a moment, in seconds since 1970. */
export type FrozenFor = (manifest: Manifest, now: number) => Frozen | undefined

/** Reads the configuration of a request. What the request itself says counts more. */
export function settingsOf({
  configuration,
  severities = {},
  cluster: saved,
  urls = {},
}: Pick<Request, 'configuration' | 'severities' | 'cluster' | 'urls'>): Settings {
  const maps = saved ? readConfigMaps(saved) : { settings: {}, faults: [] }
  if (!configuration) {
    const cluster = { ...stockCluster, ...maps.settings }
    return {
      severities,
      plans: builtInPlans,
      planFor: () => blueGreen,
      groupOf: () => undefined,
      revisionsOf: () => [],
      frozenFor: () => undefined,
      cluster,
      ...schemeOf(urls),
      faults: maps.faults,
    }
  }
  const { config, faults } = readKnown(configuration)
  const plans = [...builtInPlans, ...config.plans.map(planOf)]
  const named = new Map(plans.toReversed().map((plan) => [plan.name, plan]))
  const fitting = chooser(config.services)
  return {
    severities: { ...config.rules, ...severities },
    plans,
    planFor: (manifest) => {
      const chosen = fitting(manifest).find(({ plan }) => plan !== undefined)?.plan ?? config.plan
      return named.get(chosen ?? '') ?? blueGreen
    },
    groupOf: (manifest) => fitting(manifest).find(({ group }) => group !== undefined)?.group,
    revisionsOf: (manifest) => fitting(manifest).flatMap(({ revisions = [] }) => revisions),
    frozenFor: frozenForIn(config),
    cluster: { ...(config.cluster ?? stockCluster), ...maps.settings },
    ...schemeOf({ ...config.urls, ...urls }),
    faults: [...faults, ...maps.faults],
  }
}

function schemeOf({ domain, template }: UrlSpec): Pick<Settings, 'scheme' | 'isDomainNamed'> {
  const named = {
    ...(domain !== undefined && { domain }),
    ...(template !== undefined && { template, cloudRun: template }),
  }
  return { scheme: { ...defaultScheme, ...named }, isDomainNamed: domain !== undefined }
}

/** Reads a configuration by the codes, stages and plans that there are. */
export function readKnown(configuration: SourceFile): ConfigReading {
  return readConfig(configuration, {
    codes: new Map(allCodes().flatMap(({ code, name }) => [[code, code] as const, [name, code] as const])),
    stages,
    plans: builtInPlans.map(({ name }) => name),
    templateFault,
  })
}

/** Services share most windows, and an end that is far away takes a while to find: it is looked for once. */
function frozenForIn({ freezes = [] }: Config): FrozenFor {
  const fitting = chooser(freezes)
  const known = new Map<string, Frozen | undefined>()
  return (manifest, now) => {
    const own = fitting(manifest)
    const key = `${now} ${own.map((freeze) => freezes.indexOf(freeze)).join(' ')}`
    if (!known.has(key)) known.set(key, frozenAt(own, now))
    return known.get(key)
  }
}

/** What is for some Services only: those whose name and path both fit. */
type Chosen = { readonly name?: string; readonly path?: string }

/** The choices that fit a Service, in the order of the configuration. */
function chooser<T extends Chosen>(all: readonly T[]): (manifest: Manifest) => readonly T[] {
  const choices = all.map((choice) => {
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
