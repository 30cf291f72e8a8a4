import { stockCluster } from '../config/cluster-settings.js'
import type { Path } from '../text/path.js'
import { isObject, type JsonObject, member } from '../yaml/json.js'
import { qualifiedName } from './go-values.js'
import { allContainers, brief, podSpec, unmade } from './places.js'
import type { FieldAt, Finding, Rule } from './rule.js'
import { canonicalQuantity, filledContainer } from './update.js'

/** The resources of a container as Kubernetes sees them, where Knative fills in what an operator has set. */
const podResources: Rule = {
  code: 'KN387',
  name: 'pod-resources',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the resources',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation ValidateContainerResourceRequirements',
  why: () =>
    'Knative does not validate resources, and Kubernetes then rejects the Deployment: a request above its limit, a negative quantity, an unknown resource, or a device without the same limit. The revision never becomes ready, and the Service reports only `RevisionMissing`. Correct the value.',
  *check(manifest, neighbourhood) {
    const { cluster = stockCluster } = neighbourhood
    const spec = podSpec(manifest)?.value
    for (const { value, path, isInit } of allContainers(manifest, neighbourhood)) {
      const found = member(filledContainer(value, spec, cluster, isInit === true), 'resources')
      if (!isObject(found)) continue
      const at = [...path, 'resources']
      const [limits, requests] = ['limits', 'requests'].map((kind) => listed(found, kind, at))
      for (const one of [...(limits ?? []), ...(requests ?? [])]) yield* ofOne(one)
      yield* ofBoth(limits ?? [], requests ?? [], at)
    }
  },
}

/** One entry of `limits` or `requests`. */
type Entry = FieldAt<string | number> & { readonly name: string; readonly amount: Amount | undefined }

function listed(resources: JsonObject, kind: string, path: Path): readonly Entry[] {
  const found = member(resources, kind)
  if (!isObject(found)) return []
  return Object.entries(found).flatMap(([name, value]) => {
    if (typeof value !== 'string' && typeof value !== 'number') return []
    return [{ name, value, path: [...path, kind, name], amount: amountOf(value) }]
  })
}

/** A number as its digits, without zeros at their end, and the power of ten that they count. */
type Amount = { readonly isNegative: boolean; readonly digits: string; readonly power: number }

/** Kubernetes keeps no more of a quantity than what fits into 64 bits. */
const mostPlaces = 19

/** Undefined where it is no quantity, or one so large that Kubernetes cuts it. */
function amountOf(value: string | number): Amount | undefined {
  const form = canonicalQuantity(String(value))
  if (form === '0') return { isNegative: false, digits: '', power: 0 }
  const [, sign, digits = '', power] = /^(-?)([0-9]+)e(-?[0-9]+)$/.exec(form ?? '') ?? []
  if (power === undefined || digits.length + Number(power) >= mostPlaces) return undefined
  return inThousandths({ isNegative: sign === '-', digits, power: Number(power) })
}

/** Kubernetes rounds resources up to a thousandth. */
function inThousandths(amount: Amount): Amount {
  const over = -3 - amount.power
  if (over <= 0) return amount
  const kept = BigInt(amount.digits.slice(0, Math.max(amount.digits.length - over, 0)) || '0') + 1n
  return { ...amount, digits: String(kept), power: -3 }
}

function isMore(one: Amount, other: Amount): boolean {
  if (one.isNegative !== other.isNegative) return other.isNegative
  return scaled(one, other) > scaled(other, one) !== one.isNegative && !isSame(one, other)
}

function isSame(one: Amount, other: Amount): boolean {
  return one.isNegative === other.isNegative && scaled(one, other) === scaled(other, one)
}

/** The digits of the one, counted in the smaller power of both. */
function scaled({ digits, power }: Amount, other: Amount): bigint {
  return BigInt(digits || '0') * 10n ** BigInt(power - Math.min(power, other.power))
}

const known: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])
const pages = 'hugepages-'

/** Whether it belongs to Kubernetes itself; all others are those of devices. */
function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

function isResource(name: string): boolean {
  if (qualifiedName(name) !== undefined) return false
  if (!name.includes('/')) return known.has(name) || name.startsWith(pages)
  return isNative(name) || (!name.startsWith('requests.') && qualifiedName(`requests.${name}`) === undefined)
}

function* ofOne({ name, value, path, amount }: Entry): Iterable<Finding> {
  if (!isResource(name))
    yield unmade(
      path,
      {
        what: 'is not a resource of containers',
        ...(!name.includes('/') && { said: 'must be a standard resource for containers' }),
        help: `use ${[...known].join(', ')}, or the full name of a device such as \`example.com/gpu\``,
      },
      'key',
    )
  if (amount?.isNegative)
    yield unmade(path, {
      what: `is ${brief(String(value))}, a negative quantity`,
      said: 'must be greater than or equal to 0',
    })
  else if (amount && !isNative(name) && amount.power < 0)
    yield unmade(path, { what: `is ${brief(String(value))}, not a whole number`, said: 'must be an integer' })
  if (amount && name.startsWith(pages) && !isWholePages(amount, name.slice(pages.length)))
    yield unmade(path, {
      what: `is ${brief(String(value))}, not a multiple of the page size`,
      said: `not positive integer multiple of ${name}`,
    })
}

function isWholePages(amount: Amount, size: string): boolean {
  const page = amountOf(size)
  if (!page || page.isNegative || page.digits === '' || page.power < 0) return false
  const one: Amount = { isNegative: false, digits: '1', power: 0 }
  // A part of a byte counts as one.
  const bytes = amount.power < 0 ? scaled(amount, one) / 10n ** BigInt(-amount.power) + 1n : scaled(amount, one)
  return bytes % scaled(page, one) === 0n
}

function* ofBoth(limits: readonly Entry[], requests: readonly Entry[], path: Path): Iterable<Finding> {
  const most = new Map(limits.map((limit) => [limit.name, limit]))
  for (const { name, value, path: at, amount } of requests) {
    const limit = most.get(name)
    const isShared = isNative(name) && !name.startsWith(pages)
    if (!limit && !isShared)
      yield unmade([...path, 'limits', name], {
        what: `is missing, but the request is ${brief(String(value))}`,
        said: 'Limit must be set for non overcommitable resources',
        help: 'write the same quantity as limit and request, or the limit alone',
      })
    if (!limit?.amount || !amount) continue
    const bound = brief(String(limit.value))
    if (!isShared && !isSame(amount, limit.amount))
      yield unmade(at, {
        what: `is ${brief(String(value))}, not the limit ${bound}`,
        said: 'must be equal to the limit',
        help: 'write the same quantity as limit and request, or the limit alone',
      })
    else if (isMore(amount, limit.amount))
      yield unmade(at, {
        what: `is ${brief(String(value))}, more than the limit ${bound}`,
        help: 'lower the request, or raise the limit',
      })
  }
  const names = new Set([...limits, ...requests].map(({ name }) => name))
  const paged = [...limits, ...requests].find(({ name }) => name.startsWith(pages))
  if (paged && !names.has('cpu') && !names.has('memory'))
    yield unmade(
      path,
      { what: 'has huge pages but neither cpu nor memory', said: 'HugePages require cpu or memory' },
      'key',
    )
}

export const podResourcesRules: readonly Rule[] = [podResources]
