import { locate, type Manifest } from '../manifest/manifest.js'
import { folderOf } from '../text/path.js'
import { lineNumber } from '../text/source.js'
import { member } from '../yaml/json.js'
import { qualifiedName } from './names.js'
import { isRoute, trafficTargets } from './places.js'
import { type Neighbourhood, quoted, type Rule, shown, textField } from './rule.js'

/** A bare Route has no configuration of its own, so each target says where it leads. */
const routeTarget: Rule = {
  code: 'KN309',
  name: 'route-target',
  severity: 'error',
  title: 'Route target does not name exactly one revision or Configuration',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'A Route that no Service owns has no Configuration to fall back on, so each of its targets must say where it leads: to a revision, which stays, or to a Configuration, whose latest ready revision it follows. The webhook rejects both together and neither.',
  *check(manifest) {
    if (!isRoute(manifest)) return
    for (const { value, path } of trafficTargets(manifest)) {
      const [revision, configuration] = [textField(value, 'revisionName'), textField(value, 'configurationName')]
      if (revision === undefined || configuration === undefined) continue
      const at = quoted(path)
      if ((revision === '') === (configuration === '')) {
        const found = revision === '' ? 'neither' : 'both'
        yield {
          message: `${at} must have one of \`revisionName\` and \`configurationName\`, but has ${found}: "expected exactly one, got ${found}"`,
          help:
            revision === '' ? 'name the revision, or the Configuration to follow its latest one' : 'keep one of them',
          path,
        }
        continue
      }
      const wrong = configuration === '' ? undefined : qualifiedName(configuration)
      if (wrong === undefined) continue
      yield {
        message: `${quoted([...path, 'configurationName'])} must be the name of a Configuration, but is ${shown(configuration)}: "invalid key name "${configuration}"", "${wrong}"`,
        help: 'name a Configuration as `kubectl get configurations` lists it',
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
    'A Service makes a Route and a Configuration of its own name. Where one is there already that it does not own, the Service never becomes ready (`RouteNotOwned`, `ConfigurationNotOwned`); where it made them itself, its controller undoes every edit. Keep the Service, and write the traffic there.',
  *check(manifest, { manifests }) {
    const service = manifests.find((one) => one.name === manifest.name && areTogether(one, manifest))
    if (!service || service.file.isPatch || manifest.name === '') return
    const kind = isRoute(manifest) ? 'Route' : 'Configuration'
    const line = lineNumber(service.file.text, locate(service, ['metadata', 'name']).start)
    yield {
      message: `\`metadata.name\` must not be \`${manifest.name}\`: the Service of that name (${service.file.path}:${line}) makes its own ${kind}, and fails with \`${kind}NotOwned\` or overwrites this one`,
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
    'A Configuration makes the revisions that a Route sends traffic to. `kn-rollout` validates the traffic of the Route, but neither the template of the Configuration nor what a change does to the two. As one Service they are validated, checked and moved together.',
  *check(manifest, neighbourhood) {
    if (isRoute(manifest)) return
    const route = routeOf(manifest, neighbourhood)
    const pair = route ? `, which the Route \`${route.name}\` sends traffic to` : ''
    yield {
      message: `not checked: \`spec.template\` of the Configuration \`${manifest.name}\`${pair}`,
      help: `write ${route ? 'the two' : 'it'} as one Service (\`kind: Service\`) to have the template checked and the traffic moved`,
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
