import { locate, type Manifest } from '../manifest/manifest.js'
import { folderOf } from '../text/path.js'
import { lineNumber } from '../text/source.js'
import { member } from '../yaml/json.js'
import { qualifiedName } from './names.js'
import { isRoute, trafficTargets } from './places.js'
import { knative, type Neighbourhood, quoted, type Rule, shown, textField } from './rule.js'

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
