import type { NewService } from '../manifest/new-service.js'
import { formatPath, type Path } from '../text/path.js'

/** What a flag says, or why its form is wrong: one line that says what is allowed. */
type Read<T> = T | { readonly fault: string }

/** `KEY=VALUE` words as pairs, the value with everything behind the first `=`. A key is given once, or may be repeated. */
function keyValuePairs(
  flag: string,
  words: readonly string[] = [],
  repetition: 'once' | 'repeatable' = 'once',
): Read<readonly (readonly [key: string, value: string])[]> {
  const pairs: (readonly [string, string])[] = []
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 1) return { fault: `--${flag} is \`${word}\`; must be KEY=VALUE` }
    const key = word.slice(0, equals)
    if (repetition === 'once' && pairs.some(([other]) => other === key))
      return { fault: `--${flag} sets \`${key}\` twice` }
    pairs.push([key, word.slice(equals + 1)])
  }
  return pairs
}

/** `cpu=100m,memory=256Mi`, in one word or in several. */
function resources(flag: string, words: readonly string[] = []): Read<readonly (readonly [string, string])[]> {
  const parts = words.flatMap((word) => word.split(','))
  const wrong = parts.find((part) => !/^[^=]+=./.test(part))
  if (wrong !== undefined) return { fault: `--${flag} has \`${wrong}\`; must be like cpu=100m,memory=256Mi` }
  return keyValuePairs(flag, parts)
}

/** A number without a fraction. Whether it is too small or too large is not judged here. */
function wholeNumber(flag: string, text: string | undefined, unit: string): Read<number | undefined> {
  if (text === undefined) return undefined
  return /^-?\d+$/.test(text) ? Number(text) : { fault: `--${flag} is \`${text}\`; must be a whole number of ${unit}` }
}

/** A number that goes into an annotation, where it is a text. */
function counted(flag: string, text: string | undefined): Read<string | undefined> {
  if (text === undefined || /^-?\d+(?:\.\d+)?$/.test(text)) return text
  return { fault: `--${flag} is \`${text}\`; must be a number` }
}

/** `5` for both bounds, `1..5`, `1..` or `..5`. */
function scaleRange(text: string | undefined): Read<{ readonly min?: string; readonly max?: string }> {
  if (text === undefined) return {}
  const match = /^(\d+)?(\.\.)?(\d+)?$/.exec(text)
  const [, first, dots, second] = match ?? []
  if (first !== undefined && dots === undefined && second === undefined) return { min: first, max: first }
  if (dots === undefined || (first === undefined && second === undefined))
    return { fault: `--scale is \`${text}\`; must be N, N..M, N.. or ..M` }
  return { ...(first !== undefined && { min: first }), ...(second !== undefined && { max: second }) }
}

/** What a word stands for in a table, if it is in there. */
function oneOf<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined
}

/** What was typed for a new Service, word for word. */
export type CreateFlags = {
  readonly name: string
  readonly image: string
  readonly namespace?: string | undefined
  readonly port?: string | undefined
  readonly env?: readonly string[] | undefined
  readonly 'env-from'?: readonly string[] | undefined
  readonly request?: readonly string[] | undefined
  readonly limit?: readonly string[] | undefined
  readonly scale?: string | undefined
  readonly 'scale-min'?: string | undefined
  readonly 'scale-max'?: string | undefined
  readonly 'scale-target'?: string | undefined
  readonly 'concurrency-limit'?: string | undefined
  readonly timeout?: string | undefined
  readonly 'service-account'?: string | undefined
  readonly label?: readonly string[] | undefined
  readonly annotation?: readonly string[] | undefined
  readonly 'revision-name'?: string | undefined
  readonly 'generated-names'?: boolean | undefined
  readonly 'container-name'?: string | undefined
}

/** Which flag wrote what: the field as diagnostics name it, and the flag. Of several fields of one flag the first leads. */
export type Origin = { readonly path: string; readonly flag: string }

/** The Service that the flags mean, or what is wrong with their form: one line that says what is allowed. */
type FlagReading = { readonly wanted: NewService; readonly origins: readonly Origin[] } | { readonly fault: string }

/**
 * Reads the form of the flags: pairs, numbers, what excludes what. Whether the cluster takes the values is for the rules
 * to say.
 */
export function readFlags(flags: CreateFlags): FlagReading {
  const fault = emptyFlag(flags) ?? contradiction(flags)
  if (fault !== undefined) return { fault }
  const faults: string[] = []
  const note = <T>(read: T | { readonly fault: string }, none: T): T => {
    if (typeof read !== 'object' || read === null || !('fault' in read)) return read
    faults.push(read.fault)
    return none
  }
  const number = (flag: 'concurrency-limit' | 'timeout', unit: string): number | undefined =>
    note(wholeNumber(flag, flags[flag], unit), undefined)
  const revision = note(revisionName(flags), undefined)
  const bounds = note(scaleRange(flags.scale), {})
  const scaling = present({
    'autoscaling.knative.dev/min-scale': bounds.min ?? note(counted('scale-min', flags['scale-min']), undefined),
    'autoscaling.knative.dev/max-scale': bounds.max ?? note(counted('scale-max', flags['scale-max']), undefined),
    'autoscaling.knative.dev/target': note(counted('scale-target', flags['scale-target']), undefined),
  })
  const wanted: NewService = {
    name: flags.name,
    image: flags.image,
    labels: Object.fromEntries(note(keyValuePairs('label', flags.label), [])),
    annotations: Object.fromEntries(note(keyValuePairs('annotation', flags.annotation), [])),
    scaling,
    env: note(keyValuePairs('env', flags.env, 'repeatable'), []).map(([name, value]) => ({ name, value })),
    envFrom: note(sources(flags['env-from'] ?? []), []),
    requests: Object.fromEntries(note(resources('request', flags.request), [])),
    limits: Object.fromEntries(note(resources('limit', flags.limit), [])),
    ...present({
      namespace: flags.namespace,
      revision,
      container: flags['container-name'],
      port: note(port(flags.port), undefined),
      containerConcurrency: number('concurrency-limit', 'requests'),
      // 0 is the cluster's default in other words, and one that later commits could not be applied with.
      timeoutSeconds: number('timeout', 'seconds') || undefined,
      serviceAccountName: flags['service-account'],
    }),
  }
  const [first] = faults
  return first === undefined ? { wanted, origins: originsOf(wanted, flags) } : { fault: first }
}

const texts = ['image', 'namespace', 'port', 'scale', 'service-account', 'revision-name', 'container-name'] as const

function emptyFlag(flags: CreateFlags): string | undefined {
  if (flags.name === '') return 'NAME is empty'
  const empty = texts.find((flag) => flags[flag] === '')
  if (empty === 'revision-name')
    return '--revision-name is empty; use --generated-names to let Knative generate the names'
  return empty === undefined ? undefined : `--${empty} is empty`
}

function contradiction(flags: CreateFlags): string | undefined {
  if (flags['generated-names'] === true && flags['revision-name'] !== undefined)
    return '--generated-names and --revision-name cannot be combined'
  const bound = (['scale-min', 'scale-max'] as const).find((flag) => flags[flag] !== undefined)
  return flags.scale === undefined || bound === undefined
    ? undefined
    : `--scale and --${bound} cannot be combined; --scale 1..5 sets both bounds`
}

/** The first revision's name: the one that is given, with `{{.Service}}` filled in, else `NAME-v1`. */
function revisionName(flags: CreateFlags): string | undefined | { readonly fault: string } {
  if (flags['generated-names'] === true) return undefined
  const text = flags['revision-name'] ?? '{{.Service}}-v1'
  const filled = text.replaceAll(/\{\{\s*\.Service\s*\}\}/g, () => flags.name)
  const left = /\{\{.*?(?:\}\}|$)/.exec(filled)?.[0]
  if (left === undefined) return filled
  return { fault: `--revision-name has \`${left}\`; the only placeholder is {{.Service}}` }
}

function port(text: string | undefined): NewService['port'] | { readonly fault: string } {
  if (text === undefined) return undefined
  const match = /^(?:([^:]+):)?(\d+)$/.exec(text)
  if (!match) return { fault: `--port is \`${text}\`; must be a port or NAME:PORT, as in 8080 or h2c:8080` }
  return { ...present({ name: match[1] }), number: Number(match[2]) }
}

const kinds = { 'config-map': 'configMapRef', cm: 'configMapRef', secret: 'secretRef', sc: 'secretRef' } as const

function sources(words: readonly string[]): NewService['envFrom'] | { readonly fault: string } {
  const read: { readonly kind: 'configMapRef' | 'secretRef'; readonly name: string }[] = []
  for (const text of words) {
    const [kind = '', name = ''] = text.split(/:(.*)/s)
    const known = oneOf(kinds, kind)
    if (known === undefined || name === '')
      return { fault: `--env-from is \`${text}\`; must be config-map:NAME or secret:NAME` }
    read.push({ kind: known, name })
  }
  return read
}

function originsOf(wanted: NewService, flags: CreateFlags): readonly Origin[] {
  const template = ['spec', 'template']
  const container = [...template, 'spec', 'containers', 0]
  const revision = flags['revision-name'] === undefined ? 'NAME' : '--revision-name'
  const bound = (flag: string): string => (flags.scale === undefined ? `--${flag}` : '--scale')
  const scaling = [...template, 'metadata', 'annotations']
  const rows: readonly (readonly [Path, string])[] = [
    [['metadata', 'name'], 'NAME'],
    [[...template, 'metadata', 'name'], revision],
    [['spec', 'traffic', 0, 'revisionName'], revision],
    [['metadata', 'namespace'], '--namespace'],
    ...keyed(['metadata', 'labels'], 'label', wanted.labels),
    ...keyed(['metadata', 'annotations'], 'annotation', wanted.annotations),
    [[...scaling, 'autoscaling.knative.dev/min-scale'], bound('scale-min')],
    [[...scaling, 'autoscaling.knative.dev/max-scale'], bound('scale-max')],
    [[...scaling, 'autoscaling.knative.dev/target'], '--scale-target'],
    [[...container, 'image'], '--image'],
    [[...container, 'name'], '--container-name'],
    [[...container, 'ports'], '--port'],
    ...wanted.env.map(({ name }, index): readonly [Path, string] => [[...container, 'env', index], `--env ${name}`]),
    ...wanted.envFrom.map((_, index): readonly [Path, string] => {
      return [[...container, 'envFrom', index], `--env-from ${flags['env-from']?.[index] ?? ''}`]
    }),
    ...keyed([...container, 'resources', 'requests'], 'request', wanted.requests),
    ...keyed([...container, 'resources', 'limits'], 'limit', wanted.limits),
    [[...template, 'spec', 'containerConcurrency'], '--concurrency-limit'],
    [[...template, 'spec', 'timeoutSeconds'], '--timeout'],
    [[...template, 'spec', 'serviceAccountName'], '--service-account'],
  ]
  return rows.map(([path, flag]) => ({ path: formatPath(path), flag }))
}

function keyed(
  path: Path,
  flag: string,
  values: Readonly<Record<string, string>>,
): readonly (readonly [Path, string])[] {
  return Object.keys(values).map((key) => [[...path, key], `--${flag} ${key}`])
}

type Present<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> }

/** Leaves out what is undefined. */
function present<T extends object>(members: T): Present<T> {
  const given: readonly (readonly [string, unknown])[] = Object.entries(members)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Present<T>
}
