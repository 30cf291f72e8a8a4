import { isScalar } from 'yaml'

import { isLasting } from '../codes/code.js'
import type { Diagnostic, Severity } from '../text/diagnostic.js'
import type { Range, SourceFile } from '../text/source.js'
import { parseYaml } from '../yaml/parse.js'
import { rangeOf } from '../yaml/read.js'
import type { ClusterSettings } from './cluster-settings.js'
import { readCluster } from './cluster.js'
import { type PlanSpec, readPlans } from './plans.js'
import { type ConfigMember, ConfigReader, type KnownNames, meant, nodeKind } from './reader.js'

/** Which Services follow a plan, or have revisions that no file tells of: those whose name and path both fit. */
type PlanChoice = {
  /** `[NAMESPACE/]NAME`; `*` stands for any run of characters but `/`. */
  readonly name?: string
  /** The file as the repository names it; `**` stands for any folders. */
  readonly path?: string
  readonly plan?: string
  /** Names of revisions that the cluster is said to have, whatever the files tell. */
  readonly revisions?: readonly string[]
}

const choiceKeys = ['name', 'path', 'plan', 'revisions']

/** Reads `services`: a list of choices, of which the first that fits counts. */
function readChoices(reader: ConfigReader, place: ConfigMember, plans: readonly string[]): readonly PlanChoice[] {
  return reader.items(place, '`services`').flatMap((item) => readChoice(reader, item, plans) ?? [])
}

function readChoice(reader: ConfigReader, item: ConfigMember, plans: readonly string[]): PlanChoice | undefined {
  const at = `services[${item.key}]`
  const members = reader.members(item.value, `\`${at}\``, `${at}.`, item.keyRange)
  for (const { key, keyRange } of members) {
    if (!choiceKeys.includes(key)) reader.complain(keyRange, `unknown key \`${at}.${key}\``, meant(key, choiceKeys))
  }
  const [name, path, plan, revisions] = choiceKeys.map((key) => members.find((one) => one.key === key))
  const choice = {
    ...(name && { name: reader.text(name, `\`${at}.name\``, 'a pattern such as `shop/*`') ?? '' }),
    ...(path && { path: reader.text(path, `\`${at}.path\``, 'a pattern such as `apps/**`') ?? '' }),
  }
  if ((!plan && !revisions) || (!name && !path)) {
    const message = `\`${at}\` needs a \`plan\` or \`revisions\`, and the \`name\` or \`path\` of its Services`
    reader.complain(reader.at(item), message)
    return undefined
  }
  const named = revisions && { revisions: readRevisions(reader, revisions, at) }
  const chosen = plan && reader.oneOf(plan, `\`${at}.plan\``, 'a plan', plans)
  return plan && chosen === undefined
    ? undefined
    : { ...choice, ...(chosen !== undefined && { plan: chosen }), ...named }
}

function readRevisions(reader: ConfigReader, place: ConfigMember, at: string): readonly string[] {
  return reader.items(place, `\`${at}.revisions\``).flatMap((item) => {
    return reader.text(item, `\`${at}.revisions[${item.key}]\``, 'a revision name') ?? []
  })
}

/** How loud a code is, or that it is not judged at all. */
export type RuleSetting = Severity | 'off'

const settings: readonly string[] = ['off', 'note', 'warning', 'error'] satisfies readonly RuleSetting[]

/** Reads `rules`: a severity by code. */
function readRules(
  reader: ConfigReader,
  { value, keyRange }: ConfigMember,
  codes: ReadonlyMap<string, string>,
): Readonly<Record<string, RuleSetting>> {
  const rules: Record<string, RuleSetting> = {}
  for (const place of reader.members(value, '`rules`', 'rules.', keyRange)) {
    const code = codes.get(place.key)
    if (code === undefined) {
      const help = meant(place.key, [...codes.keys()], 'run `kn-rollout explain` to list all codes')
      reader.complain(place.keyRange, `\`rules\` has the unknown code \`${place.key}\``, help)
    } else if (isLasting(code))
      reader.complain(
        place.keyRange,
        `\`rules.${place.key}\` cannot be set: the severity of \`${code}\` is fixed`,
        'remove it',
      )
    else if (rules[code] !== undefined)
      reader.complain(
        place.keyRange,
        `\`rules\` sets \`${code}\` twice, by its number and by its name`,
        'keep one of the two',
      )
    else {
      const setting = readSetting(reader, place)
      if (setting !== undefined) rules[code] = setting
    }
  }
  return rules
}

function readSetting(reader: ConfigReader, place: ConfigMember): RuleSetting | undefined {
  const value = reader.resolved(place.value)
  const text = isScalar(value) ? String(value.value) : ''
  if (isScalar(value) && settings.includes(text)) return text as RuleSetting
  const message = `\`rules.${place.key}\` is ${nodeKind(value)}; must be \`off\`, \`note\`, \`warning\` or \`error\``
  reader.complain(reader.at(place), message, meant(text, settings, abbreviated(text)))
  return undefined
}

function abbreviated(word: string): string | undefined {
  const whole = word === '' ? undefined : settings.find((one) => one.startsWith(word.toLowerCase()))
  return whole === undefined ? undefined : `did you mean \`${whole}\`?`
}

/** What a configuration file says, as `schemas/config.json` describes it. */
export type Config = {
  /** By code. Any severity turns an optional rule on. */
  readonly rules: Readonly<Record<string, RuleSetting>>
  /** The plans that it adds to the built-in ones. */
  readonly plans: readonly PlanSpec[]
  /** The plan of every Service that no choice gives another one. */
  readonly plan?: string
  /** Which Services follow which plan; the first that fits counts. */
  readonly services: readonly PlanChoice[]
  /** What an operator has set in the cluster that takes the Services. */
  readonly cluster?: ClusterSettings
}

/** What a configuration says; with faults nothing of it counts. */
export type ConfigReading = {
  readonly config: Config
  readonly faults: readonly Diagnostic[]
  /** Where the key of each member stands, by its path (`rules.KN312`). */
  readonly places: ReadonlyMap<string, Range>
}

const keys = ['rules', 'plans', 'plan', 'services', 'cluster']

/** Reads a configuration. Pure and total: what is wrong with it ends in faults. */
export function readConfig(file: SourceFile, known: KnownNames): ConfigReading {
  const { documents, faults } = parseYaml(file)
  const [document, second] = documents
  const reader = new ConfigReader(file.path, document)
  for (const { message, help, range } of faults) reader.complain(range, message, help)
  if (second) reader.complain(rangeOf(second.contents), `\`${file.path}\` has more than one document`)
  const members = document ? reader.members(document.contents, `\`${file.path}\``, '') : []
  for (const { key, keyRange } of members) {
    if (keys.includes(key)) continue
    const help = meant(key, keys, `use ${keys.map((one) => `\`${one}\``).join(', ')}`)
    reader.complain(keyRange, `unknown key \`${key}\``, help)
  }
  const [rules, plans, plan, services, cluster] = keys.map((key) => members.find((one) => one.key === key))
  const specs = plans ? readPlans(reader, plans, known) : []
  const names = [...known.plans, ...specs.map(({ name }) => name)]
  const chosen = plan && reader.oneOf(plan, '`plan`', 'a plan', names)
  const config: Config = {
    rules: rules ? readRules(reader, rules, known.codes) : {},
    plans: specs,
    services: services ? readChoices(reader, services, names) : [],
    ...(chosen === undefined ? {} : { plan: chosen }),
    ...(cluster && { cluster: readCluster(reader, cluster) }),
  }
  return { config, faults: reader.faults, places: reader.places }
}
