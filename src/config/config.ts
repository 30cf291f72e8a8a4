import { isScalar } from 'yaml'

import { isLasting } from '../codes/code.js'
import type { Diagnostic, Severity } from '../text/diagnostic.js'
import type { Range, SourceFile } from '../text/source.js'
import { parseYaml } from '../yaml/parse.js'
import { rangeOf } from '../yaml/read.js'
import type { ClusterSettings } from './cluster-settings.js'
import { readCluster } from './cluster.js'
import { type FreezeSpec, type PlanSpec, readFreezes, readPlans } from './plans.js'
import { type ConfigMember, ConfigReader, type KnownNames, meant, nodeKind } from './reader.js'

/** Which Services follow a plan, or have revisions that no file tells of: those whose name and path both fit. */
export type PlanChoice = {
  /** `[NAMESPACE/]NAME`; `*` stands for any run of characters but `/`. */
  readonly name?: string
  /** The file as the repository names it; `**` stands for any folders. */
  readonly path?: string
  readonly plan?: string
  /** What moves with them: `next` takes all Services of a group together. */
  readonly group?: string
  /** Names of revisions that the cluster is said to have, whatever the files tell. */
  readonly revisions?: readonly string[]
}

const choiceKeys = ['name', 'path', 'plan', 'revisions', 'group']

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
  const [name, path, plan, revisions, group] = choiceKeys.map((key) => members.find((one) => one.key === key))
  const choice = {
    ...(name && { name: reader.text(name, `\`${at}.name\``, 'a pattern such as `shop/*`') ?? '' }),
    ...(path && { path: reader.text(path, `\`${at}.path\``, 'a pattern such as `apps/**`') ?? '' }),
  }
  if ((!plan && !revisions && !group) || (!name && !path)) {
    const message = `\`${at}\` needs \`plan\`, \`revisions\` or \`group\`, and the \`name\` or \`path\` of its Services`
    reader.complain(reader.at(item), message)
    return undefined
  }
  const named = revisions && { revisions: readRevisions(reader, revisions, at) }
  const together = group && reader.text(group, `\`${at}.group\``, 'a name')
  const chosen = plan && reader.oneOf(plan, `\`${at}.plan\``, 'a plan', plans)
  return plan && chosen === undefined
    ? undefined
    : {
        ...choice,
        ...(chosen !== undefined && { plan: chosen }),
        ...(together !== undefined && { group: together }),
        ...named,
      }
}

function readRevisions(reader: ConfigReader, place: ConfigMember, at: string): readonly string[] {
  return reader.items(place, `\`${at}.revisions\``).flatMap((item) => {
    return reader.text(item, `\`${at}.revisions[${item.key}]\``, 'a revision name') ?? []
  })
}

/** How loud a code is, or that it is not judged at all. */
export type RuleSetting = Severity | 'off'

/** All of them, as they are written. */
export const settings: readonly string[] = ['off', 'note', 'warning', 'error'] satisfies readonly RuleSetting[]

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

const host = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?$/i
/** No URL is longer than that in earnest, and what is longer takes time to fill in. */
const longestTemplate = 500

/** How the cluster makes URLs, as far as the configuration says it. */
export type UrlSpec = { readonly domain?: string; readonly template?: string }

function readUrls(
  reader: ConfigReader,
  [domain, template]: readonly (ConfigMember | undefined)[],
  { templateFault }: KnownNames,
): UrlSpec {
  const [name, text] = [
    domain && reader.text(domain, '`domain`', 'the domain of the cluster, such as `acme.dev`'),
    template && reader.text(template, '`urlTemplate`', 'a template such as `{{.Name}}.{{.Namespace}}.{{.Domain}}`'),
  ]
  if (domain && name !== undefined && !host.test(name))
    reader.complain(reader.at(domain), `\`domain\` is \`${name}\`; must be a host name such as \`acme.dev\``)
  const isLong = (text?.length ?? 0) > longestTemplate
  const fault = text === undefined || isLong ? undefined : templateFault(text)
  if (template && (isLong || fault !== undefined))
    reader.complain(
      reader.at(template),
      isLong
        ? `\`urlTemplate\` has more than ${longestTemplate} characters`
        : `\`urlTemplate\` has the unknown placeholder \`${fault}\``,
      'use `{{.Name}}`, `{{.Namespace}}`, `{{.Domain}}`, `{{.Tag}}`, `{{.Hash}}` and `{{.Region}}`',
    )
  return { ...(name !== undefined && { domain: name }), ...(text !== undefined && { template: text }) }
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
  /** When rollouts are held back. */
  readonly freezes?: readonly FreezeSpec[]
  /** How the cluster makes URLs. */
  readonly urls?: UrlSpec
}

/** What a configuration says; with faults nothing of it counts. */
export type ConfigReading = {
  readonly config: Config
  readonly faults: readonly Diagnostic[]
  /** Where the key of each member stands, by its path (`rules.KN312`). */
  readonly places: ReadonlyMap<string, Range>
}

const keys = ['rules', 'plans', 'plan', 'services', 'cluster', 'freeze', 'domain', 'urlTemplate']

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
  const [rules, plans, plan, services, cluster, freeze, ...urls] = keys.map((key) =>
    members.find((one) => one.key === key),
  )
  const specs = plans ? readPlans(reader, plans, known) : []
  const names = [...known.plans, ...specs.map(({ name }) => name)]
  const chosen = plan && reader.oneOf(plan, '`plan`', 'a plan', names)
  const config: Config = {
    rules: rules ? readRules(reader, rules, known.codes) : {},
    plans: specs,
    services: services ? readChoices(reader, services, names) : [],
    ...(chosen === undefined ? {} : { plan: chosen }),
    ...(cluster && { cluster: readCluster(reader, cluster) }),
    ...(freeze && { freezes: readFreezes(reader, freeze) }),
    ...(urls.some((one) => one) && { urls: readUrls(reader, urls, known) }),
  }
  return { config, faults: reader.faults, places: reader.places }
}
