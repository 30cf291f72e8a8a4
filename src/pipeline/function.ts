import { classOf } from '../codes/code.js'
import { readResourceList, type ResourceList } from '../manifest/resource-list.js'
import { type Diagnostic, hasErrors } from '../text/diagnostic.js'
import type { SourceFile } from '../text/source.js'
import { nearest } from '../text/words.js'
import type { YamlFault } from '../yaml/faults.js'
import { isList, isObject, type Json, member } from '../yaml/json.js'
import { plan } from './plan.js'
import type { Outcome, Request } from './request.js'
import { readKnown } from './settings.js'

/** What is wrong with a functionConfig, and at which of its fields. */
type ConfigFault = { readonly fault: string; readonly path: string }

/** The kind of a functionConfig of this tool's own; its fields stand in `spec`. A ConfigMap has them in `data`. */
const ownKind = 'RolloutStage'
const ownVersion = 'kn-rollout/v1'
const texts = ['stage', 'stable', 'candidate', 'tag'] as const
const fields = [...texts, 'percent', 'services', 'cluster'] as const

/**
 * What a functionConfig asks for: a stage with its roles, or only a judgement where it names none. All Services are moved
 * only where `services` says so.
 */
function requestFrom(config: Json | undefined): Request | ConfigFault {
  if (config === undefined || config === null || (isObject(config) && Object.keys(config).length === 0)) return {}
  const kind = member(config, 'kind')
  if (kind !== 'ConfigMap' && kind !== ownKind)
    return {
      fault: `\`functionConfig\` has the kind ${spelled(kind)}; must be \`ConfigMap\` or \`${ownKind}\``,
      path: 'kind',
    }
  const version = member(config, 'apiVersion')
  if (kind === ownKind && version !== ownVersion)
    return {
      fault: `\`apiVersion\` of the ${ownKind} is ${spelled(version)}; must be \`${ownVersion}\``,
      path: 'apiVersion',
    }
  const home = kind === ownKind ? 'spec' : 'data'
  const given = member(config, home) ?? {}
  if (!isObject(given)) return { fault: `\`${home}\` is not a mapping`, path: home }
  const unknown = Object.keys(given).find((key) => !(fields as readonly string[]).includes(key))
  if (unknown !== undefined) {
    const meant = nearest(unknown, fields)
    const guess = meant === undefined ? `it may have ${fields.join(', ')}` : `did you mean \`${meant}\`?`
    return { fault: `unknown field \`${home}.${unknown}\`; ${guess}`, path: `${home}.${unknown}` }
  }
  return requestOf(given, home)
}

function requestOf(given: { readonly [key: string]: Json }, home: string): Request | ConfigFault {
  const wrong = texts.find((key) => given[key] !== undefined && (typeof given[key] !== 'string' || given[key] === ''))
  if (wrong !== undefined)
    return { fault: `\`${home}.${wrong}\` is ${spelled(given[wrong])}; must be a string`, path: `${home}.${wrong}` }
  const services = namesIn(given['services'])
  if (!services)
    return {
      fault: `\`${home}.services\` is neither a list nor names with commas between them`,
      path: `${home}.services`,
    }
  const percent = percentOf(given['percent'])
  if (percent === null)
    return {
      fault: `\`${home}.percent\` is ${spelled(given['percent'])}; must be a number`,
      path: `${home}.percent`,
    }
  const cluster = clusterIn(given['cluster'], home)
  if ('fault' in cluster) return cluster
  const [stage, stable, candidate, tag] = texts.map((key) => textOf(given[key]))
  const roles = { stable, candidate, tag, percent }
  const named = Object.entries(roles).filter(([, value]) => value !== undefined)
  const [first] = named
  if (stage !== undefined)
    return { ...cluster, services, move: { command: 'apply', stage, ...(Object.fromEntries(named) as Partial<Roles>) } }
  if (!first) return { ...cluster, services }
  return { fault: `\`${home}.${first[0]}\` is set without \`stage\``, path: `${home}.${first[0]}` }
}

type Roles = { stable: string; candidate: string; tag: string; percent: number }

/** What an operator has set, read as the configuration has it. */
function clusterIn(value: Json | undefined, home: string): Pick<Request, 'configuration'> | ConfigFault {
  if (value === undefined) return {}
  const configuration = { path: 'functionConfig', text: JSON.stringify({ cluster: value }) }
  const [fault] = readKnown(configuration).faults
  if (!fault) return { configuration }
  return { fault: fault.message.replace('`cluster', `\`${home}.cluster`), path: `${home}.cluster` }
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Undefined where it is neither a list of names nor a text that holds them; none are all Services. */
function namesIn(value: Json | undefined): readonly string[] | undefined {
  const names = typeof value === 'string' ? value.split(',') : (value ?? [])
  if (!isList(names)) return undefined
  const trimmed = names.map((name) => (typeof name === 'string' ? name.trim() : ''))
  return trimmed.includes('') ? undefined : trimmed
}

/** Null where it is no number. A ConfigMap has only texts. */
function percentOf(value: Json | undefined): number | undefined | null {
  if (value === undefined || typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : null
}

function spelled(value: Json | undefined): string {
  return value === undefined ? 'missing' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

/** What came of a KRM function. */
export type FunctionRun = {
  /** The input; places of diagnostics are in its text. */
  readonly input: ResourceList
  /** What is handed on: the input where anything failed, for all items change or none. */
  readonly output: ResourceList
  readonly outcome: Outcome
  readonly fault?: ConfigFault
}

/**
 * Runs as a KRM function: does what `functionConfig` says to the Knative Services among the items. It knows nothing but
 * its input: no configuration file, no Git. Says what is wrong where the input is no ResourceList.
 */
export function runFunction(file: SourceFile): FunctionRun | YamlFault {
  const input = readResourceList(file)
  if (!('items' in input)) return input
  const request = requestFrom(input.functionConfig)
  const nothing = { files: [file], services: [], diagnostics: [], changes: [] }
  if ('fault' in request) return { input, output: input, outcome: nothing, fault: request }
  const planned = plan([file], request)
  const outcome = { ...planned, diagnostics: planned.diagnostics.map(inWordsOfConfig) }
  const [change] = outcome.changes
  const isHeld = !change || hasErrors(outcome.diagnostics)
  const output = isHeld ? input : readResourceList({ ...file, text: change.text })
  if (!('items' in output)) throw new TypeError('a proved edit can be read')
  return { input, output, outcome: isHeld ? { ...outcome, changes: [] } : outcome }
}

/** Flags are fields here. */
function inWordsOfConfig(diagnostic: Diagnostic): Diagnostic {
  const { code, message, help } = diagnostic
  if (classOf(code) !== 'refusal') return diagnostic
  if (code === 'KN422') return { ...diagnostic, help: 'name them in `services`, or use `services: "*"` for all' }
  return { ...diagnostic, message: spell(message), ...(help !== undefined && { help: spell(help) }) }
}

function spell(text: string): string {
  return text
    .replaceAll('--service', '`services`')
    .replaceAll(/--(stable|candidate|tag|percent)\b/g, (_, flag: string) => `\`${flag}\``)
}
