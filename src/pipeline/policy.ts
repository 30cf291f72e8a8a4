import {
  defaultKeys,
  featureKeys,
  featureOf,
  numberSetting,
  permits,
  stockCluster,
  type ClusterSettings,
} from '../manifest/cluster-settings.js'
import type { Config, ConfigReading } from '../manifest/config/config.js'
import type { RuleSetting } from '../manifest/config/rules.js'
import { isLasting } from '../manifest/own-faults.js'
import { policyRemarks } from '../guards/policy.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Range } from '../text/range.js'
import type { SourceFile } from '../text/source.js'
import { codes, type CodeRow } from './codes.js'
import type { Policy } from './outcome.js'
import { readKnown } from './settings.js'

const none: ConfigReading = { config: { rules: {}, plans: [], services: [] }, faults: [], places: new Map() }
const loudness: readonly RuleSetting[] = ['off', 'note', 'warning', 'error']

/**
 * What a change does to the configuration, by its effect: a warning for each rule that gets quieter, notes for the rest.
 * A newer configuration that is not valid is told as it will be told to everyone.
 */
export function policyChanges({ before, after, base }: Policy): readonly Diagnostic[] {
  if (before?.text === after?.text && before?.path === after?.path) return []
  const [old, fresh] = [before ? readKnown(before) : none, after ? readKnown(after) : none]
  if (fresh.faults.length > 0) return fresh.faults
  // Where the file has gone, nothing is left to point at.
  const file = after?.path ?? before?.path ?? ''
  const remark = (code: keyof typeof policyRemarks, keys: readonly string[], said: Said): Diagnostic => {
    const range = placeOf(keys, fresh)
    return { code, severity: policyRemarks[code].severity, ...said, file, ...(range && { range }) }
  }
  const rules = codes.flatMap((row) => {
    const [from, to] = [effective(old.config, row), effective(fresh.config, row)]
    if (from === to) return []
    const keys = [`rules.${row.code}`, 'rules']
    const change = `\`${row.code}\` changes from \`${from}\` to \`${to}\``
    return loudness.indexOf(to) < loudness.indexOf(from)
      ? [remark('KN522', keys, { message: `${change}: checks after the merge will be quieter`, help: reviewed(base) })]
      : [remark('KN523', keys, { message: `${change}: this counts after the merge` })]
  })
  const others = settingsThatDiffer(old.config, fresh.config).map(({ key, name, what }) => {
    return remark('KN523', [key, key.split('.')[0] ?? key], { message: `${name} ${what}: this counts after the merge` })
  })
  const cluster = clusterChanges(old.config.cluster, fresh.config.cluster).map(({ key, change, isQuieter }) => {
    const keys = [key, key.split('.').slice(0, 2).join('.'), 'cluster']
    return isQuieter
      ? remark('KN522', keys, { message: `${change}: checks after the merge will be quieter`, help: reviewed(base) })
      : remark('KN523', keys, { message: `${change}: this counts after the merge` })
  })
  return [...rules, ...cluster, ...others].toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0))
}

/** What is wrong with the configuration of the base, which may no longer be what stands in the file. */
export function faultsAtBase(
  faults: readonly Diagnostic[],
  { before, after, base }: Policy,
  given?: SourceFile,
): readonly Diagnostic[] {
  return faults.map((said): Diagnostic => {
    const { range, message, ...fault } = said
    // What an option names is no part of the base.
    if (said.file === given?.path) return said
    const line = (before?.text.slice(0, range?.start ?? 0) ?? '').split('\n').length
    return {
      ...fault,
      message: `cannot check by the configuration of the base commit ${base}: line ${line}: ${message}`,
      help: 'fix it in a change of its own, and check that one with `--no-config` or `--config FILE`',
      ...(range && before?.text === after?.text && { range }),
    }
  })
}

type Said = Pick<Diagnostic, 'message' | 'help'>

function reviewed(base: string): string {
  return `review this as a change of policy; this run went by the configuration of the base commit ${base}`
}

/** How loud a code is in the end: optional rules are off until something is said of them. */
function effective({ rules }: Config, { code, severity, optional }: CodeRow): RuleSetting {
  if (isLasting(code)) return severity
  return rules[code] ?? (optional ? 'off' : severity)
}

/** Where the first of the keys stands that is there. */
function placeOf(keys: readonly string[], { places }: ConfigReading): Range | undefined {
  return keys.flatMap((key) => places.get(key) ?? [])[0]
}

type ClusterChange = { readonly key: string; readonly change: string; readonly isQuieter: boolean }

/** The settings of the cluster that are no longer the same, and whether less is found with them. */
function clusterChanges(
  before: ClusterSettings = stockCluster,
  after: ClusterSettings = stockCluster,
): readonly ClusterChange[] {
  return (['defaults', 'features'] as const).flatMap((part) => {
    const keys = [...new Set([...Object.keys(before[part]), ...Object.keys(after[part])])]
    return keys.flatMap((key) => {
      const [from, to] = [before[part][key], after[part][key]]
      if (from === to) return []
      const [old, fresh] = [from, to].map((value) => (value === undefined ? 'unset' : `\`${value}\``))
      const change = `\`cluster.${part}.${key}\` changes from ${old} to ${fresh}`
      return [{ key: `cluster.${part}.${key}`, change, isQuieter: isLooser(key, before, after) }]
    })
  })
}

function isLooser(key: string, before: ClusterSettings, after: ClusterSettings): boolean {
  if (key === 'secure-pod-defaults') return featureOf(after, key) === 'disabled'
  if (key in featureKeys) return permits(after, key) && !permits(before, key)
  if (key === 'allow-container-concurrency-zero') return after.defaults[key] !== 'false'
  if (/max/.test(key)) return numberSetting(after, key) > numberSetting(before, key)
  return defaultKeys[key]?.kind === 'quantity' && after.defaults[key] === undefined
}

type Difference = { readonly key: string; readonly name: string; readonly what: string }

/** The settings besides `rules` that are no longer the same. */
function settingsThatDiffer(before: Config, after: Config): readonly Difference[] {
  const names = new Set([...before.plans, ...after.plans].map(({ name }) => name))
  const plans = [...names].flatMap((name) => {
    const [from, to] = [stepsOf(before, name), stepsOf(after, name)]
    if (from === to) return []
    const what = from === undefined ? 'is new' : to === undefined ? 'is removed' : 'changes'
    return [{ key: `plans.${name}`, name: `plan \`${name}\``, what }]
  })
  const [from, to] = [before.plan, after.plan].map((name) => (name === undefined ? 'none' : `\`${name}\``))
  return [
    ...plans,
    ...(from === to ? [] : [{ key: 'plan', name: '`plan`', what: `changes from ${from} to ${to}` }]),
    ...(JSON.stringify(before.services) === JSON.stringify(after.services)
      ? []
      : [{ key: 'services', name: '`services`', what: 'assigns other plans to Services' }]),
  ]
}

function stepsOf({ plans }: Config, name: string): string | undefined {
  const plan = plans.find((one) => one.name === name)
  return plan && JSON.stringify(plan.steps)
}
