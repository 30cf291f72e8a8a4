import { isList, member } from '../manifest/json.js'
import { integerField, itemsIn, quoted, shown, textField } from './fields.js'
import { containers } from './parts.js'
import type { Rule } from './rule.js'

const reserved: ReadonlySet<number> = new Set([8008, 8012, 8013, 8022, 9090, 9091])

/** The port that requests go to: its number, its protocol, and its name, which says how to speak to it. */
export const containerPort: Rule = {
  code: 'KN376',
  name: 'container-port',
  severity: 'error',
  title: 'the port must be one that requests can go to',
  source: 'pkg/apis/serving/k8s_validation.go validateContainerPorts',
  why: () =>
    'Requests arrive over TCP on a port that the proxy of Knative does not use itself, and the name of the port says whether to speak HTTP/1 or HTTP/2. A port or a name that cannot serve that is refused.',
  *check(manifest) {
    for (const container of containers(manifest)) {
      const port = itemsIn(container, 'ports')[0]
      if (!port) continue
      const number = integerField(port.value, 'containerPort') ?? 0
      const path = [...port.path, 'containerPort']
      if (reserved.has(number))
        yield {
          message: `${quoted(path)} must not be ${number}, Knative's own proxy listens there: "invalid value: ${number} is a reserved port"`,
          help: `any other port will do; reserved are ${[...reserved].join(', ')}`,
          path,
        }
      if (number < 0 || number > 65535)
        yield {
          message: `${quoted(path)} must be 0 to 65535, but is ${number}: "expected 0 <= ${number} <= 65535"`,
          path,
        }
      const protocol = textField(port.value, 'protocol') ?? ''
      if (protocol !== '' && protocol !== 'TCP')
        yield {
          message: `${quoted([...port.path, 'protocol'])} must be TCP, but is ${shown(protocol)}: ${shown(`invalid value: ${protocol}`)}`,
          help: 'leave it out',
          path: [...port.path, 'protocol'],
        }
      const name = textField(port.value, 'name') ?? ''
      if (name !== '' && name !== 'h2c' && name !== 'http1')
        yield {
          message: `${quoted([...port.path, 'name'])} must be h2c or http1, but is ${shown(name)}: ${shown(`Port name ${name} is not allowed`)}`,
          help: 'leave it out for HTTP/1, or write h2c for HTTP/2 and gRPC',
          path: [...port.path, 'name'],
        }
    }
  },
}

/** Requests can go to one place only; with several containers, it has to be said to which. */
export const portCount: Rule = {
  code: 'KN377',
  name: 'serving-port',
  severity: 'error',
  title: 'the containers must have one port between them',
  source: 'pkg/apis/serving/k8s_validation.go validateContainersPorts',
  why: () =>
    'Knative sends requests to one port of the pod, and refuses to choose among several containers or ports. Give the one that serves requests its `ports`, and the others none.',
  *check(manifest) {
    const all = containers(manifest)
    const counts = all.map(({ value }) => {
      const ports = member(value, 'ports')
      return isList(ports) ? ports.length : 0
    })
    const count = counts.reduce((sum, own) => sum + own, 0)
    const path = ['spec', 'template', 'spec', 'containers']
    if (count === 0 && all.length > 1)
      yield {
        message: `one of ${quoted(path)} must have \`ports\`, but none has: "missing field(s): spec.template.spec.containers[*].ports"`,
        help: 'give the container that takes requests its `ports: [{containerPort: 8080}]`',
        path,
        part: 'key',
      }
    if (count <= 1) return
    const last = all.findLast((_, index) => (counts[index] ?? 0) > 0)
    yield {
      message: `${quoted(path)} must not have more than one port between them, but have ${count}: "more than one container port is set"`,
      help: 'keep the port that takes requests; containers of one pod reach each other without `ports`',
      path: [...(last?.path ?? path), 'ports'],
      part: 'key',
    }
  },
}
