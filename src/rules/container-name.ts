import { quoted, shown, textField } from './fields.js'
import { allContainers } from './parts.js'
import type { Rule } from './rule.js'

const source = 'pkg/apis/serving/k8s_validation.go validateContainers'

/** Knative puts a container of its own beside yours. */
export const containerNameReserved: Rule = {
  code: 'KN371',
  name: 'container-name',
  severity: 'error',
  title: 'a container must not be named queue-proxy or like another one',
  why: () =>
    'Containers of one pod are told apart by name, and queue-proxy is the one that Knative adds to each pod. Use a name of its own for each container, or none.',
  source,
  *check(manifest, neighbourhood) {
    const first = new Map<string, string>()
    for (const container of allContainers(manifest, neighbourhood)) {
      const name = textField(container.value, 'name')
      if (!name) continue
      const path = [...container.path, 'name']
      const earlier = first.get(name)
      if (name === 'queue-proxy')
        yield {
          message: `${quoted(path)} must not be ${shown(name)}: ""queue-proxy" is a reserved container name"`,
          help: 'use another name, or none',
          path,
        }
      if (earlier === undefined) first.set(name, quoted(path))
      else
        yield {
          message: `${quoted(path)} must not be ${shown(name)} as ${earlier} is already: "duplicate container name "${name}""`,
          help: 'use another name, or none',
          path,
        }
    }
  },
}

const policies: ReadonlySet<string> = new Set(['', 'File', 'FallbackToLogsOnError'])

/** Where a container's last words are looked for. */
export const terminationMessagePolicy: Rule = {
  code: 'KN372',
  name: 'termination-message-policy',
  severity: 'error',
  title: 'terminationMessagePolicy must be File or FallbackToLogsOnError',
  source: 'pkg/apis/serving/k8s_validation.go validate',
  why: () =>
    'When a container ends, its last words are taken from a file or, failing that, from its log. There is no third way, and the cluster refuses other words: write File or FallbackToLogsOnError.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      const policy = textField(container.value, 'terminationMessagePolicy')
      if (policy === undefined || policies.has(policy)) continue
      const path = [...container.path, 'terminationMessagePolicy']
      yield {
        message: `${quoted(path)} must be File or FallbackToLogsOnError, but is ${shown(policy)}: ${shown(`invalid value: ${policy}`)}`,
        path,
      }
    }
  },
}
