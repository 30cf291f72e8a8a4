import type { Diagnostic } from '../../text/diagnostic.js'
import type { Range } from '../../text/range.js'
import type { SourceFile } from '../../text/source.js'
import { parseYaml } from '../parse.js'
import { rangeOf } from '../read.js'
import { readChoices, type PlanChoice } from './choices.js'
import { readPlans, type PlanSpec } from './plans.js'
import { ConfigReader, meant, type Known } from './reader.js'
import { readRules, type RuleSetting } from './rules.js'

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
}

/** What a configuration says; with faults nothing of it counts. */
export type ConfigReading = {
  readonly config: Config
  readonly faults: readonly Diagnostic[]
  /** Where the key of each member stands, by its path (`rules.KN312`). */
  readonly places: ReadonlyMap<string, Range>
}

const keys = ['rules', 'plans', 'plan', 'services']

/** Reads a configuration. Pure and total: what is wrong with it ends in faults. */
export function readConfig(file: SourceFile, known: Known): ConfigReading {
  const { documents, faults } = parseYaml(file)
  const [document, second] = documents
  const reader = new ConfigReader(file.path, document)
  for (const { message, help, range } of faults) reader.complain(range, message, help)
  if (second) reader.complain(rangeOf(second.contents), `\`${file.path}\` must be one document, but has more`)
  const members = document ? reader.members(document.contents, `\`${file.path}\``, '') : []
  for (const { key, keyRange } of members) {
    if (keys.includes(key)) continue
    const help = meant(key, keys, `the keys are ${keys.map((one) => `\`${one}\``).join(', ')}`)
    reader.complain(keyRange, `\`${key}\` must be a known key, but is not`, help)
  }
  const [rules, plans, plan, services] = keys.map((key) => members.find((one) => one.key === key))
  const specs = plans ? readPlans(reader, plans, known) : []
  const names = [...known.plans, ...specs.map(({ name }) => name)]
  const chosen = plan && reader.oneOf(plan, '`plan`', 'the name of a plan', names)
  const config: Config = {
    rules: rules ? readRules(reader, rules, known.codes) : {},
    plans: specs,
    services: services ? readChoices(reader, services, names) : [],
    ...(chosen === undefined ? {} : { plan: chosen }),
  }
  return { config, faults: reader.faults, places: reader.places }
}
