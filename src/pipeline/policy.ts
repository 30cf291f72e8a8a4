import { type Code, isLasting } from '../codes/code.js'
import {
  type ClusterSettings,
  defaultKeys,
  featureKeys,
  featureOf,
  numberSetting,
  permits,
  stockCluster,
} from '../config/cluster-settings.js'
import type { Config, ConfigReading, RuleSetting } from '../config/config.js'
import { policyRemarks } from '../guards/table.js'
import type { FileReading } from '../manifest/find.js'
import { fieldStarts, type Manifest } from '../manifest/manifest.js'
import { countBelow, grouped } from '../text/collections.js'
import type { Diagnostic } from '../text/diagnostic.js'
import { formatPath, type Path } from '../text/path.js'
import type { Range, SourceFile } from '../text/source.js'
import type { Ignore } from '../yaml/ignores.js'
import { isList, isObject, type Json } from '../yaml/json.js'
import { allCodes } from './codes.js'
import { ignoresIn } from './diagnostics.js'
import type { Policy } from './request.js'
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
    const range = keyPlace(keys, fresh)
    return { code, severity: policyRemarks[code].severity, ...said, file, ...(range && { range }) }
  }
  const rules = allCodes().flatMap((row) => {
    const [from, to] = [effective(old.config, row), effective(fresh.config, row)]
    if (from === to) return []
    const keys = [`rules.${row.code}`, `rules.${row.name}`, 'rules']
    const change = `\`${row.code}\` changes from \`${from}\` to \`${to}\``
    return loudness.indexOf(to) < loudness.indexOf(from)
      ? [remark('KN522', keys, { message: `${change}: later checks will report less`, help: reviewed(base) })]
      : [remark('KN523', keys, { message: `${change}: this takes effect after the merge` })]
  })
  const others = settingsThatDiffer(old.config, fresh.config).map(({ key, name, what }) => {
    return remark('KN523', [key, key.split('.')[0] ?? key], {
      message: `${name} ${what}: this takes effect after the merge`,
    })
  })
  const cluster = clusterChanges(old.config.cluster, fresh.config.cluster).map(({ key, change, isQuieter }) => {
    const keys = [key, key.split('.').slice(0, 2).join('.'), 'cluster']
    return isQuieter
      ? remark('KN522', keys, { message: `${change}: later checks will report less`, help: reviewed(base) })
      : remark('KN523', keys, { message: `${change}: this takes effect after the merge` })
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
      message: `cannot use the configuration of the base commit ${base}: line ${line}: ${message}`,
      help: 'fix it in a separate change, and check that one with `--no-config` or `--config FILE`',
      ...(range && before?.text === after?.text && { range }),
    }
  })
}

type Said = Pick<Diagnostic, 'message' | 'help'>

function reviewed(base: string): string {
  return `review this as a change of policy; this run used the configuration of the base commit ${base}`
}

/** How loud a code is in the end: optional rules are off until something is said of them. */
function effective({ rules }: Config, { code, severity, optional }: Code): RuleSetting {
  if (isLasting(code)) return severity
  return rules[code] ?? (optional ? 'off' : severity)
}

/** Where the first of the keys stands that is there. */
function keyPlace(keys: readonly string[], { places }: ConfigReading): Range | undefined {
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
    ...(JSON.stringify(before.freezes ?? []) === JSON.stringify(after.freezes ?? [])
      ? []
      : [{ key: 'freeze', name: '`freeze`', what: 'blocks rollouts at other times' }]),
  ]
}

function stepsOf({ plans }: Config, name: string): string | undefined {
  const plan = plans.find((one) => one.name === name)
  return plan && JSON.stringify(plan.steps)
}

type Valued = Pick<Manifest, 'value'>

/** Finds the fields of a Service in what it was before: items of lists are known by what tells them apart. */
class OldPaths {
  private readonly matches = new WeakMap<readonly Json[], readonly (number | undefined)[]>()

  /** The path that a field has at the base, where items of lists may have stood in other places; undefined where it is new. */
  pathOf(after: Valued, before: Valued, path: Path): Path | undefined {
    const old: (string | number)[] = []
    let [from, to]: (Json | undefined)[] = [before.value, after.value]
    for (const step of path) {
      const own = typeof step === 'number' && isList(from) && isList(to) ? this.matchesOf(from, to)[step] : step
      if (own === undefined) return undefined
      old.push(own)
      from = child(from, own)
      to = child(to, step)
    }
    return old
  }

  /** For each item of the newer list, the place of the same one in the older list. */
  private matchesOf(from: readonly Json[], to: readonly Json[]): readonly (number | undefined)[] {
    const known = this.matches.get(to)
    if (known) return known
    const old = placesOf(from)
    const fresh = new Set(to.map(nameOf))
    const met = new Map<string, number>()
    const matches = to.map((item, index) => {
      const name = nameOf(item)
      const rank = met.get(name) ?? 0
      met.set(name, rank + 1)
      const same = old.get(name)?.[rank]
      if (same !== undefined) return same
      // Another item in the place of one that has left is the same field with another value.
      const replaced = from[index]
      return replaced !== undefined && !fresh.has(nameOf(replaced)) ? index : undefined
    })
    this.matches.set(to, matches)
    return matches
  }
}

function child(value: Json | undefined, step: string | number): Json | undefined {
  if (isList(value)) return typeof step === 'number' ? value[step] : undefined
  return isObject(value) && typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined
}

/** What tells the items of a list apart, whatever their order. */
const names = ['name', 'revisionName', 'latestRevision', 'tag', 'mountPath', 'containerPort']

function nameOf(item: Json): string {
  const key = isObject(item) ? names.find((one) => (item[one] ?? null) !== null) : undefined
  return JSON.stringify(key === undefined ? (isObject(item) ? null : item) : [key, child(item, key)])
}

/** Where items stand in a list, by their name. */
function placesOf(list: readonly Json[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [index, item] of list.entries()) {
    const name = nameOf(item)
    const own = places.get(name)
    if (own) own.push(index)
    else places.set(name, [index])
  }
  return places
}

/** A line that comments are about, and the codes that they ignore there: any of them, and those with a reason. */
type QuietLine = {
  readonly start: number
  readonly end: number
  readonly codes: Set<string>
  readonly reasoned: Set<string>
}

/** The quiet lines that each field of a Service stands on, by its path. */
type Quiet = ReadonlyMap<string, readonly QuietLine[]>

/** The fields of a Service by where they stand, and by their path. */
type Fields = { readonly at: ReadonlyMap<number, readonly Path[]>; readonly named: ReadonlyMap<string, Path> }

/**
 * What the ignore comments of the base say. One of the head counts only where the base has one for the same code at the
 * same field of the same Service, on whatever line: a change cannot quiet what judges it.
 */
export class OldIgnores {
  private readonly files: ReadonlyMap<string, SourceFile>
  private readonly lines = new Map<SourceFile, readonly QuietLine[]>()
  private readonly quiet = new Map<Manifest, Quiet>()
  private readonly fields = new Map<Manifest, Fields>()
  private readonly old = new OldPaths()

  constructor(
    files: readonly SourceFile[],
    private readonly beforeOf: (after: Manifest) => Manifest | undefined,
  ) {
    this.files = new Map(files.map((file) => [file.path, file]))
  }

  /** Whether the base ignores a diagnostic of a file of the head that `ignore`, a comment in it, is to ignore. */
  in(file: SourceFile, reading?: Pick<FileReading, 'manifests'>): (found: Diagnostic, ignore: Ignore) => boolean {
    const byStart = grouped(reading?.manifests ?? [], ({ document }) => document.range[0])
    const starts = [...byStart.keys()].toSorted((a, b) => a - b)
    return (found, ignore) => {
      const start = found.range && starts[countBelow(starts, found.range.start + 1) - 1]
      return this.has(file, (start !== undefined && byStart.get(start)) || [], found, ignore)
    }
  }

  private has(file: SourceFile, manifests: readonly Manifest[], found: Diagnostic, ignore: Ignore): boolean {
    const old = this.files.get(file.path)
    if (old?.text === file.text) return true
    const manifest = manifests.find((one) => isIn(one, found))
    if (!manifest)
      return old !== undefined && this.hasLine(old, found, file.text.slice(ignore.line.start, ignore.line.end))
    const before = this.beforeOf(manifest)
    if (!before) return false
    const quiet = this.quietOf(before)
    if (quiet.size === 0) return false
    return this.fieldsOf(manifest, found).some((path) => {
      const field = this.old.pathOf(manifest, before, path)
      return field !== undefined && quiet.get(formatPath(field))?.some((line) => isQuiet(line, found)) === true
    })
  }

  /** What stands in no Service has no fields: it is known by its line. */
  private hasLine(old: SourceFile, found: Diagnostic, line: string): boolean {
    return this.linesOf(old).some((one) => isQuiet(one, found) && old.text.slice(one.start, one.end) === line)
  }

  private linesOf(file: SourceFile): readonly QuietLine[] {
    const known = this.lines.get(file)
    if (known) return known
    const lines = new Map<number, QuietLine>()
    for (const { line, codes, hasReason, misspelt } of ignoresIn(file.text)) {
      if (misspelt !== undefined) continue
      const own = lines.get(line.start) ?? { ...line, codes: new Set(), reasoned: new Set() }
      lines.set(line.start, own)
      for (const { text } of codes) {
        own.codes.add(text)
        if (hasReason) own.reasoned.add(text)
      }
    }
    const sorted = [...lines.values()].toSorted((a, b) => a.start - b.start)
    this.lines.set(file, sorted)
    return sorted
  }

  private quietOf(before: Manifest): Quiet {
    const known = this.quiet.get(before)
    if (known) return known
    const lines = this.linesOf(before.file)
    const starts = lines.map((line) => line.start)
    const quiet = new Map<string, QuietLine[]>()
    for (const { path, start } of lines.length > 0 ? fieldStarts(before) : []) {
      const line = lines[countBelow(starts, start + 1) - 1]
      if (!line || start > line.end) continue
      const name = formatPath(path)
      const own = quiet.get(name)
      if (!own) quiet.set(name, [line])
      else if (!own.includes(line)) own.push(line)
    }
    this.quiet.set(before, quiet)
    return quiet
  }

  /** The fields that a diagnostic is about: the one that it names, and what stands at its place. */
  private fieldsOf(manifest: Manifest, { path, range }: Diagnostic): readonly Path[] {
    const { at, named } = this.fields.get(manifest) ?? this.readFields(manifest)
    const own = path === undefined ? undefined : named.get(path)
    return [...(own ? [own] : []), ...((range && at.get(range.start)) ?? [])]
  }

  private readFields(manifest: Manifest): Fields {
    const at = new Map<number, Path[]>()
    const named = new Map<string, Path>()
    for (const { path, start } of fieldStarts(manifest)) {
      const own = at.get(start)
      if (own) own.push(path)
      else at.set(start, [path])
      named.set(formatPath(path), path)
    }
    const fields = { at, named }
    this.fields.set(manifest, fields)
    return fields
  }
}

function isIn({ document, label }: Manifest, { range, service }: Diagnostic): boolean {
  const [start, , end] = document.range
  return range !== undefined && start <= range.start && range.start <= end && (service ?? label) === label
}

/** An error is ignored for a reason only. */
function isQuiet({ codes, reasoned }: QuietLine, { code, severity }: Diagnostic): boolean {
  return (severity === 'error' ? reasoned : codes).has(code)
}
