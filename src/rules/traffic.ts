import { locate, type Manifest } from '../manifest/manifest.js'
import { folderOf, formatPath } from '../text/path.js'
import { lineNumber } from '../text/source.js'
import { thisService } from '../text/words.js'
import { member, numeral } from '../yaml/json.js'
import { qualifiedName } from './go-values.js'
import { filledTargets, isRoute, trafficTargets } from './places.js'
import { type Finding, knative, type Neighbourhood, quoted, type Rule, shown, textField } from './rule.js'

/** A bare Route has no configuration of its own, so each target says where it leads. */
const routeTarget: Rule = {
  code: 'KN309',
  name: 'route-target',
  severity: 'error',
  title: 'Route target does not name exactly one revision or Configuration',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'A Route without a Service has no default Configuration. So each of its targets names either a revision, which stays, or a Configuration, whose latest ready revision it follows. Knative rejects both together and neither.',
  *check(manifest) {
    if (!isRoute(manifest)) return
    for (const { value, path } of trafficTargets(manifest)) {
      const [revision, configuration] = [textField(value, 'revisionName'), textField(value, 'configurationName')]
      if (revision === undefined || configuration === undefined) continue
      const at = quoted(path)
      if ((revision === '') === (configuration === '')) {
        const found = revision === '' ? 'neither' : 'both'
        yield {
          message: `exactly one of \`revisionName\` and \`configurationName\` must be set in ${at}; found ${found}`,
          says: knative(`expected exactly one, got ${found}`),
          help:
            revision === '' ? 'add the revision, or the Configuration to follow its latest one' : 'keep one of them',
          path,
        }
        continue
      }
      const wrong = configuration === '' ? undefined : qualifiedName(configuration)
      if (wrong === undefined) continue
      yield {
        message: `${quoted([...path, 'configurationName'])} is ${shown(configuration)}; must be the name of a Configuration`,
        says: knative(`invalid key name "${configuration}", ${wrong}`),
        help: 'use a name that `kubectl get configurations` lists',
        path: [...path, 'configurationName'],
      }
    }
  },
}

/** Whether two objects are applied together, as far as their files tell: a namespace, or a folder, is theirs in common. */
function areTogether(one: Manifest, other: Manifest): boolean {
  if (one.namespace !== other.namespace) return false
  return one.namespace !== undefined || folderOf(one.file.path) === folderOf(other.file.path)
}

/** A Service makes a Configuration and a Route of its own name. */
const serviceOwned: Rule = {
  code: 'KN317',
  name: 'service-owned-name',
  severity: 'warning',
  title: 'Route or Configuration has the name of a Service',
  source: 'pkg/reconciler/service/service.go, config and route',
  why: () =>
    'A Service makes a Route and a Configuration with its name. If one exists already, the Service never becomes ready (`NotOwned`); if the Service made it, its controller reverts every edit. Keep the Service, and set the traffic there.',
  *check(manifest, { manifests }) {
    const service = manifests.find((one) => one.name === manifest.name && areTogether(one, manifest))
    if (!service || service.file.isPatch || manifest.name === '') return
    const kind = isRoute(manifest) ? 'Route' : 'Configuration'
    const line = lineNumber(service.file.text, locate(service, ['metadata', 'name']).start)
    yield {
      message: `${kind} \`${manifest.name}\` has the name of a Service (${service.file.path}:${line}), which needs that name: the Service will fail (\`NotOwned\`), or overwrite it`,
      help:
        kind === 'Route' ? 'move its `spec.traffic` to the Service, and remove the Route' : 'remove it, or rename it',
      path: ['metadata', 'name'],
    }
  },
}

/** The template of a Configuration is one as a Service has it, and yet nothing here looks at it. */
const configuration: Rule = {
  code: 'KN318',
  name: 'configuration-not-checked',
  severity: 'note',
  title: 'Not checked: template of a Configuration',
  source: 'docs: a Service is a Configuration and a Route in one object',
  why: () =>
    'A Configuration makes the revisions that a Route sends traffic to. `kn-rollout` validates the traffic of the Route, but neither the template of the Configuration nor a change of either. Write the two as one Service to validate, check and edit both.',
  *check(manifest, neighbourhood) {
    if (isRoute(manifest)) return
    const route = routeOf(manifest, neighbourhood)
    const pair = route ? `; the Route \`${route.name}\` sends traffic to it` : ''
    yield {
      message: `not checked: \`spec.template\` of the Configuration \`${manifest.name}\` (\`kn-rollout\` validates only Services${pair})`,
      help: `write ${route ? 'the two' : 'it'} as one Service (\`kind: Service\`)`,
      path: ['metadata', 'name'],
    }
  },
}

function routeOf(manifest: Manifest, { others = [] }: Neighbourhood): Manifest | undefined {
  const { name } = manifest
  return others.find((other) => {
    if (!isRoute(other) || !areTogether(other, manifest)) return false
    return trafficTargets(other).some(({ value }) => {
      const revision = member(value, 'revisionName')
      return (
        member(value, 'configurationName') === name || (typeof revision === 'string' && revision.startsWith(`${name}-`))
      )
    })
  })
}

/** What only Routes and Configurations are asked for. */
export const routeRules: readonly Rule[] = [routeTarget, serviceOwned, configuration]

/** Of the rules for Services, those that hold for Routes and Configurations as well: metadata, and for Routes traffic. */
export const sharedRules: ReadonlySet<string> = new Set(
  'KN301 KN302 KN303 KN304 KN305 KN307 KN308 KN330 KN331 KN332 KN333 KN334 KN335 KN336 KN337 KN338 KN339'.split(' '),
)

/** The shares of all targets must add up to everything there is. An empty list means 100 % to the latest revision. */
const trafficSum: Rule = {
  code: 'KN301',
  name: 'traffic-sum',
  severity: 'error',
  title: 'Traffic percents do not add up to 100',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficList',
  why: () =>
    'The percents set where each request goes, so together they cover all requests. Knative rejects any other sum. A target without `percent` counts as 0. Change the percents until they add up to 100.',
  *check(manifest) {
    const shares = trafficTargets(manifest).map(({ value }) => member(value, 'percent') ?? 0)
    // Only a Service has a latest revision that an empty list could lead to.
    if ((shares.length === 0 && !isRoute(manifest)) || !shares.every((share) => typeof share === 'number')) return
    const sum = shares.reduce((total, share) => total + share, 0)
    if (sum === 100) return
    const terms = shares.length < 2 ? '' : ` (${shares.join(' + ')})`
    yield {
      message: `\`spec.traffic\` percents add up to ${sum}, not 100${terms}`,
      says: knative(`Traffic targets sum to ${sum}, want 100`),
      help: 'change the percents so that they add up to 100; a target without `percent` counts as 0',
      path: ['spec', 'traffic'],
      part: 'key',
    }
  },
}

/** A share of less than nothing or more than everything does not become right by another one that makes up for it. */
const trafficPercent: Rule = {
  code: 'KN302',
  name: 'percent-range',
  severity: 'error',
  title: 'Percent is not between 0 and 100',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficPercentage',
  why: () =>
    'A percent below 0 or above 100 has no meaning, even if another one makes up for it, so Knative rejects it. Set how many of 100 requests this target gets.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const percent = member(target.value, 'percent')
      if (typeof percent !== 'number' || !Number.isInteger(percent) || (percent >= 0 && percent <= 100)) continue
      const path = [...target.path, 'percent']
      yield {
        message: `${quoted(path)} is ${numeral(percent)}; must be 0 to 100`,
        says: knative(`expected 0 <= ${numeral(percent)} <= 100`),
        help: 'use a whole number from 0 to 100: how many of 100 requests this target gets',
        path,
      }
    }
  },
}

/** A target leads to a named revision or to the latest one, never to both or to neither. */
const trafficLatest: Rule = {
  code: 'KN305',
  name: 'latest-revision-conflict',
  severity: 'error',
  title: '`latestRevision` contradicts `revisionName`',
  source: 'pkg/apis/serving/v1/route_validation.go validateLatestRevision',
  why: () =>
    'A target either follows the latest revision or keeps a named one. Knative rejects `latestRevision: true` with a `revisionName`, and `latestRevision: false` without one. Keep the name, or keep `latestRevision: true`.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const latest = member(target.value, 'latestRevision')
      const name = textField(target.value, 'revisionName')
      if (typeof latest !== 'boolean' || name === undefined || latest === (name === '')) continue
      const path = [...target.path, 'latestRevision']
      const found = latest
        ? `is true, but \`revisionName\` is ${JSON.stringify(name)}`
        : 'is false, but there is no `revisionName`'
      yield {
        message: `${quoted(path)} ${found}`,
        says: knative(`may not set revisionName ${JSON.stringify(name)} when latestRevision is ${latest}`),
        help: latest ? 'remove one of the two' : 'add the `revisionName`, or write `latestRevision: true`',
        path,
      }
    }
  },
}

/** A Service has one configuration, its own; only a bare Route chooses among several. */
const trafficConfiguration: Rule = {
  code: 'KN306',
  name: 'target-configuration',
  severity: 'error',
  title: 'Target sets `configurationName`, which only a Route can use',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'Only a Route chooses among configurations. A Service has exactly one configuration, so Knative rejects the field there. Remove it; `latestRevision: true` follows the latest revision, and `revisionName` names one.',
  check: (manifest) =>
    unset(manifest, 'configurationName', 'remove it; to follow the latest revision, write `latestRevision: true`'),
}

/** The URL of a target is the cluster's to tell, in `status.traffic`. */
const trafficUrl: Rule = {
  code: 'KN307',
  name: 'target-url',
  severity: 'error',
  title: 'Target sets `url`, which only the cluster sets',
  source: 'pkg/apis/serving/v1/route_validation.go validateURL',
  why: () =>
    'Knative makes the URL of each target and writes it into the status. It rejects a file with the field, which is often a copy from the cluster. Remove it.',
  check: (manifest) =>
    unset(manifest, 'url', 'remove it; Knative makes the URL from the tag and writes it into the status'),
}

function* unset(manifest: Manifest, key: string, help: string): Iterable<Finding> {
  for (const target of trafficTargets(manifest)) {
    const found = textField(target.value, key)
    if (!found) continue
    const path = [...target.path, key]
    yield {
      message: `${quoted(path)} is ${JSON.stringify(found)}, but a ${isRoute(manifest) ? 'Route' : 'Service'} cannot set it`,
      says: knative(`must not set the field(s): ${formatPath(path)}`),
      help,
      path,
    }
  }
}

/**
 * Looser than what a revision can be called: the cluster takes any qualified name here, and the route then waits for a
 * revision that cannot come.
 */
const trafficRevisionName: Rule = {
  code: 'KN308',
  name: 'target-revision-name',
  severity: 'error',
  title: '`revisionName` is not a valid name',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'No revision can have such a name, so Knative rejects the target. Use a name that `kubectl get revisions` lists.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const name = textField(target.value, 'revisionName')
      const wrong = name && !textField(target.value, 'configurationName') ? qualifiedName(name) : undefined
      if (wrong === undefined) continue
      const path = [...target.path, 'revisionName']
      yield {
        message: `${quoted(path)} is ${JSON.stringify(name)}; must be a revision name`,
        says: knative(`invalid key name "${name}", ${wrong}`),
        help: 'use a name that `kubectl get revisions` lists',
        path,
      }
    }
  },
}

/** Traffic that follows the latest revision moves with every change of the template, at once and for everybody. */
const unpinned: Rule = {
  code: 'KN315',
  name: 'unpinned-traffic',
  severity: 'warning',
  title: 'Traffic follows the latest revision',
  source: 'pkg/apis/serving/v1/route_defaults.go SetDefaults',
  why: () =>
    'Without named revisions the next template change moves all traffic automatically, as soon as its revision is ready. Pin the traffic first with `kn-rollout apply pin`, so that each move is a separate commit.',
  optional: true,
  *check(manifest) {
    const targets = filledTargets(manifest)
    const target = targets?.find(({ revision, percent }) => 'latest' in revision && percent > 0)
    if (!targets || (targets.length > 0 && !target)) return
    yield {
      message: target
        ? `\`spec.traffic[${target.origin ?? 0}]\` sends ${target.percent}% to the latest revision: the next template change will move this traffic automatically`
        : '`spec.traffic` is missing: the next template change will move all traffic automatically',
      help: `run \`kn-rollout apply pin ${thisService} --stable REVISION\``,
      path: target ? ['spec', 'traffic', target.origin ?? 0] : ['spec', 'traffic'],
      part: 'key',
    }
  },
}

export const trafficRules: readonly Rule[] = [
  trafficSum,
  trafficPercent,
  trafficLatest,
  trafficConfiguration,
  trafficUrl,
  trafficRevisionName,
  unpinned,
]
