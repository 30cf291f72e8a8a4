import { permits, stockCluster } from '../config/cluster-settings.js'
import type { Path } from '../text/path.js'
import { isList, isObject, type Json, type JsonObject, member } from '../yaml/json.js'
import { dns1123Label, dns1123Subdomain, labelValue, type NameCheck, qualifiedName } from './go-values.js'
import { brief, podSpec, unmade, unset } from './places.js'
import { type FieldAt, type Finding, integerField, itemsIn, objectIn, type Rule, textField } from './rule.js'

/** The nodes that the Pod may run on, where a cluster takes such fields. */
const podPlacement: Rule = {
  code: 'KN367',
  name: 'pod-placement',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the placement of the Pod',
  source:
    'k8s.io/kubernetes/pkg/apis/core/validation ValidateTolerations, validateAffinity, validateTopologySpreadConstraints, ValidatePodSpec',
  why: () =>
    'Where an operator has enabled these fields, Knative does not validate them. Kubernetes requires the syntax of labels, known values and weights of 1 to 100, and rejects the Deployment otherwise: the revision never becomes ready, and the Service only reports `RevisionMissing`. Correct the field.',
  *check(manifest, { cluster = stockCluster }) {
    const spec = podSpec(manifest)
    if (!spec) return
    const isTaken = (field: string): boolean => permits(cluster, `kubernetes.podspec-${field.toLowerCase()}`)
    if (isTaken('nodeSelector')) yield* ofLabels(objectIn(spec, 'nodeSelector'))
    if (isTaken('tolerations')) for (const one of itemsIn(spec, 'tolerations')) yield* ofToleration(one)
    const affinity = isTaken('affinity') ? objectIn(spec, 'affinity') : undefined
    if (affinity) yield* ofAffinity(affinity)
    if (isTaken('topologySpreadConstraints')) yield* ofSpreads(itemsIn(spec, 'topologySpreadConstraints'))
    for (const key of ['priorityClassName', 'runtimeClassName']) {
      const name = isTaken(key) ? textField(spec.value, key) : undefined
      // An empty priority class is none, an empty runtime class is an empty name.
      const isNamed = key === 'priorityClassName' ? name !== '' : (member(spec.value, key) ?? null) !== null
      if (name !== undefined && isNamed)
        yield* named([...spec.path, key], name, dns1123Subdomain, 'the name of an object')
    }
  },
}

function* named(path: Path, text: string, check: NameCheck, wanted: string): Iterable<Finding> {
  if (check(text) !== undefined) yield unmade(path, { what: `is ${brief(text)}, not ${wanted}` })
}

const key: readonly [NameCheck, string] = [qualifiedName, 'a label key']
const value: readonly [NameCheck, string] = [labelValue, 'a label value']

function* ofLabels(labels: FieldAt<JsonObject> | undefined): Iterable<Finding> {
  for (const [name, text] of Object.entries(labels?.value ?? {})) {
    const path = [...(labels?.path ?? []), name]
    yield* named(path, name, ...key)
    if (typeof text === 'string') yield* named(path, text, ...value)
  }
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Source: ValidateTolerations, validateTaintEffect. */
function* ofToleration({ value: one, path }: FieldAt<JsonObject>): Iterable<Finding> {
  const [taint, operator, text, effect] = ['key', 'operator', 'value', 'effect'].map((name) => textField(one, name))
  if (taint) yield* named([...path, 'key'], taint, ...key)
  const isForAll = operator === 'Exists'
  if (operator !== undefined && !['', 'Equal', 'Exists'].includes(operator))
    yield unmade([...path, 'operator'], { what: `is ${brief(operator)}, not Equal or Exists` })
  else if (taint === '' && !isForAll)
    yield unmade([...path, 'operator'], {
      what: 'is not Exists, but there is no `key`',
      said: 'operator must be Exists when `key` is empty',
      help: 'name the `key` of the taint, or write `operator: Exists` for all taints',
    })
  if (isForAll && text)
    yield unmade([...path, 'value'], {
      what: 'is set together with `operator: Exists`',
      said: "value must be empty when `operator` is 'Exists'",
      help: 'remove it, or write `operator: Equal`',
    })
  else if (text !== undefined && !isForAll) yield* named([...path, 'value'], text, ...value)
  if (effect && !effects.includes(effect))
    yield unmade([...path, 'effect'], { what: `is ${brief(effect)}, not ${effects.join(', ')} or nothing` })
  else if ((member(one, 'tolerationSeconds') ?? null) !== null && effect !== 'NoExecute')
    yield unmade([...path, 'effect'], {
      what: 'is not NoExecute, but `tolerationSeconds` is set',
      said: "effect must be 'NoExecute' when `tolerationSeconds` is set",
      help: 'write `effect: NoExecute`, or remove `tolerationSeconds`',
    })
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

function* ofAffinity(affinity: FieldAt<JsonObject>): Iterable<Finding> {
  const nodes = objectIn(affinity, 'nodeAffinity')
  if (nodes) yield* ofNodes(nodes)
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const pods = objectIn(affinity, kind)
    if (!pods) continue
    for (const term of itemsIn(pods, required)) yield* ofPodTerm(term)
    for (const weighted of itemsIn(pods, preferred)) {
      yield* ofWeight(weighted)
      yield* ofPodTerm(objectIn(weighted, 'podAffinityTerm') ?? below(weighted, 'podAffinityTerm'))
    }
  }
}

/** What Go makes of a struct that is not there. */
function below({ path }: FieldAt<JsonObject>, name: string): FieldAt<JsonObject> {
  return { value: {}, path: [...path, name] }
}

/** Source: ValidateNodeSelector, ValidatePreferredSchedulingTerms. */
function* ofNodes(nodes: FieldAt<JsonObject>): Iterable<Finding> {
  const must = objectIn(nodes, required)
  const terms = must && itemsIn(must, 'nodeSelectorTerms')
  if (must && terms?.length === 0) yield unset([...must.path, 'nodeSelectorTerms'], 'add at least one term')
  for (const term of terms ?? []) yield* ofNodeTerm(term, true)
  for (const term of itemsIn(nodes, preferred)) {
    yield* ofWeight(term)
    const preference = objectIn(term, 'preference')
    // With several nodes to choose from, a value that no node can have is a wish like any other.
    if (preference) yield* ofNodeTerm(preference, false)
  }
}

function* ofWeight({ value: term, path }: FieldAt<JsonObject>): Iterable<Finding> {
  const weight = integerField(term, 'weight')
  if (weight === undefined || (weight >= 1 && weight <= 100)) return
  yield unmade([...path, 'weight'], { what: `is ${weight}, not 1 to 100`, said: 'must be in the range 1-100' })
}

/** Source: ValidateNodeSelectorRequirement, ValidateNodeFieldSelectorRequirement. */
function* ofNodeTerm(term: FieldAt<JsonObject>, isJudgedByValue: boolean): Iterable<Finding> {
  for (const expression of itemsIn(term, 'matchExpressions')) yield* ofExpression(expression, true, isJudgedByValue)
  for (const { value: field, path } of itemsIn(term, 'matchFields')) {
    const [name, operator] = ['key', 'operator'].map((one) => textField(field, one))
    const values = member(field, 'values')
    if (operator !== undefined && operator !== 'In' && operator !== 'NotIn')
      yield unmade([...path, 'operator'], { what: `is ${brief(operator)}, not In or NotIn` })
    else if (!isList(values) || values.length !== 1)
      yield unmade([...path, 'values'], { what: 'is not one value, but a field of a node has one' })
    if (name !== undefined && name !== 'metadata.name')
      yield unmade([...path, 'key'], { what: `is ${brief(name)}, not metadata.name` })
  }
}

const choosing = ['In', 'NotIn']
const asking = ['Exists', 'DoesNotExist']
const comparing = ['Gt', 'Lt']

function* ofExpression(
  { value: one, path }: FieldAt<JsonObject>,
  isOfNode: boolean,
  isJudgedByValue: boolean,
): Iterable<Finding> {
  const [name, operator] = ['key', 'operator'].map((field) => textField(one, field))
  const values = member(one, 'values')
  const texts: readonly Json[] = isList(values) ? values : []
  const known = [...choosing, ...asking, ...(isOfNode ? comparing : [])]
  const at = [...path, 'values']
  if (operator !== undefined && !known.includes(operator))
    yield unmade([...path, 'operator'], { what: `is ${brief(operator)}, not one of ${known.join(', ')}` })
  else if (operator !== undefined && choosing.includes(operator) && texts.length === 0)
    yield unset(at, 'list the values, or write `operator: Exists`')
  else if (operator !== undefined && asking.includes(operator) && texts.length > 0)
    yield unmade(at, {
      what: `is set together with \`operator: ${operator}\``,
      help: 'remove it, or write `operator: In`',
    })
  else if (operator !== undefined && comparing.includes(operator) && texts.length !== 1)
    yield unmade(at, { what: `is not one number, but \`operator: ${operator}\` needs one` })
  if (name !== undefined) yield* named([...path, 'key'], name, ...key)
  if (!isJudgedByValue) return
  for (const [index, text] of texts.entries())
    if (typeof text === 'string') yield* named([...at, index], text, ...value)
}

/** Source: validatePodAffinityTerm, validateMatchLabelKeysAndMismatchLabelKeys. */
function* ofPodTerm(term: FieldAt<JsonObject>): Iterable<Finding> {
  for (const name of ['labelSelector', 'namespaceSelector']) yield* ofSelector(objectIn(term, name))
  const namespaces = member(term.value, 'namespaces')
  for (const [index, one] of (isList(namespaces) ? namespaces : []).entries())
    if (typeof one === 'string') yield* named([...term.path, 'namespaces', index], one, dns1123Label, 'a namespace')
  for (const name of ['matchLabelKeys', 'mismatchLabelKeys']) yield* ofKeys(term, name)
  const topology = textField(term.value, 'topologyKey')
  if (topology === '')
    yield unset([...term.path, 'topologyKey'], 'write `topologyKey: kubernetes.io/hostname` or another label')
  else if (topology !== undefined) yield* named([...term.path, 'topologyKey'], topology, ...key)
}

/** Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation ValidateLabelSelector. */
function* ofSelector(selector: FieldAt<JsonObject> | undefined): Iterable<Finding> {
  if (!selector) return
  yield* ofLabels(objectIn(selector, 'matchLabels'))
  for (const expression of itemsIn(selector, 'matchExpressions')) yield* ofExpression(expression, false, true)
}

function* ofKeys({ value: term, path }: FieldAt<JsonObject>, name: string): Iterable<Finding> {
  const keys = member(term, name)
  if (!isList(keys) || keys.length === 0) return
  const at = [...path, name]
  if (!isObject(member(term, 'labelSelector')))
    yield unmade(at, {
      what: 'is set without `labelSelector`',
      said: 'must not be specified when labelSelector is not set',
    })
  for (const [index, one] of keys.entries()) if (typeof one === 'string') yield* named([...at, index], one, ...key)
}

const actions = ['DoNotSchedule', 'ScheduleAnyway']

/** Source: validateTopologySpreadConstraints. */
function* ofSpreads(spreads: readonly FieldAt<JsonObject>[]): Iterable<Finding> {
  const taken = new Set<string>()
  for (const spread of spreads) {
    const { value: one, path } = spread
    const skew = integerField(one, 'maxSkew')
    if (skew !== undefined && skew <= 0)
      yield unmade([...path, 'maxSkew'], { what: `is ${skew}, not more than 0`, said: 'must be greater than zero' })
    const [topology, action] = ['topologyKey', 'whenUnsatisfiable'].map((name) => textField(one, name))
    if (topology === '')
      yield unset([...path, 'topologyKey'], 'write `topologyKey: topology.kubernetes.io/zone` or another label')
    if (action !== undefined && !actions.includes(action))
      yield unmade([...path, 'whenUnsatisfiable'], { what: `is ${brief(action)}, not ${actions.join(' or ')}` })
    const kind = JSON.stringify([topology, action])
    if (taken.has(kind))
      yield unmade([...path, 'topologyKey'], {
        what: 'is that of another item with the same `whenUnsatisfiable`',
        said: 'Duplicate value',
      })
    taken.add(kind)
    yield* ofDomains(spread, action)
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      const policy = member(one, name) ?? 'Honor'
      if (typeof policy === 'string' && policy !== 'Honor' && policy !== 'Ignore')
        yield unmade([...path, name], { what: `is ${brief(policy)}, not Honor or Ignore` })
    }
    yield* ofKeys(spread, 'matchLabelKeys')
    yield* ofSelector(objectIn(spread, 'labelSelector'))
  }
}

/** Source: validateMinDomains. */
function* ofDomains({ value: one, path }: FieldAt<JsonObject>, action: string | undefined): Iterable<Finding> {
  if ((member(one, 'minDomains') ?? null) === null) return
  const domains = integerField(one, 'minDomains')
  const at = [...path, 'minDomains']
  if (domains !== undefined && domains <= 0)
    yield unmade(at, { what: `is ${domains}, not more than 0`, said: 'must be greater than zero' })
  else if (action !== undefined && action !== 'DoNotSchedule')
    yield unmade(at, {
      what: 'is only allowed together with `whenUnsatisfiable: DoNotSchedule`',
      help: 'remove it, or write `whenUnsatisfiable: DoNotSchedule`',
    })
}

export const podPlacementRules: readonly Rule[] = [podPlacement]
