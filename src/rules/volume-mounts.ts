import { member } from '../manifest/json.js'
import { quoted, shown, textField } from './fields.js'
import { missing } from './missing.js'
import { allContainers, mounts, volumes } from './parts.js'
import type { Finding, Rule } from './rule.js'

/** A mount is of a volume of the same template. */
export const mountVolume: Rule = {
  code: 'KN394',
  name: 'undefined-volume',
  severity: 'error',
  title: 'a mount must be of a volume that there is',
  source: 'pkg/apis/serving/k8s_validation.go validateVolumeMounts',
  why: () =>
    'A mount puts a volume of the same template into a container, by its name. If there is none of that name the pod could not start, so the cluster refuses the Service: add the volume, or correct the name.',
  *check(manifest, neighbourhood) {
    const names = new Set(volumes(manifest).map(({ value }) => textField(value, 'name') ?? ''))
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const mount of mounts(container)) {
        const name = textField(mount.value, 'name')
        if (name === undefined || names.has(name)) continue
        const path = [...mount.path, 'name']
        yield {
          message: `${quoted(path)} must be the name of a volume, but is ${name === '' ? 'missing' : shown(name)}: "volumeMount has no matching volume"`,
          help:
            names.size === 0
              ? 'add the volume to `spec.template.spec.volumes`'
              : `volumes here: ${[...names].join(', ')}`,
          path,
        }
      }
    }
  },
}

const reserved: ReadonlySet<string> = new Set(['/', '/dev', '/dev/log'])

/** Where a volume appears: an absolute path, once, and not over what the container needs. */
export const mountPath: Rule = {
  code: 'KN395',
  name: 'mount-path',
  severity: 'error',
  title: 'a mount must have an absolute path of its own',
  source: 'pkg/apis/serving/k8s_validation.go validateVolumeMounts',
  why: () =>
    'Two mounts cannot lie at one place, a relative path leads nowhere, and some folders belong to the container or to Knative. Mount each volume at an absolute path of its own.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      const seen = new Map<string, string>()
      for (const mount of mounts(container)) {
        const place = textField(mount.value, 'mountPath')
        if (place === undefined) continue
        const path = [...mount.path, 'mountPath']
        const clean = cleanPath(place)
        const earlier = seen.get(clean)
        const fault = wrongPath(path, place, clean)
        if (fault) yield fault
        // The same text twice is the schema's finding.
        else if (earlier !== undefined && earlier !== place)
          yield {
            message: `${quoted(path)} must not lead to the same place as another mount, but ${shown(place)} does: "invalid value: ${shown(place)} must be unique"`,
            help: 'give it another path',
            path,
          }
        if (earlier === undefined) seen.set(clean, place)
      }
    }
  },
}

function wrongPath(path: Finding['path'], place: string, clean: string): Finding | undefined {
  if (place === '') return missing(path)
  if (reserved.has(clean))
    return {
      message: `${quoted(path)} must not be ${shown(place)}: "mountPath ${shown(clean)} is a reserved path"`,
      help: 'mount it in a folder of its own',
      path,
    }
  if (place.startsWith('/')) return undefined
  return {
    message: `${quoted(path)} must be an absolute path, but is ${shown(place)}: ${shown(`invalid value: ${place}`)}`,
    help: 'begin it with /',
    path,
  }
}

/** The shortest path to the same place, as Go's path.Clean has it. */
function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const steps: string[] = []
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') steps.push(step)
    else if (steps.length > 0 && steps.at(-1) !== '..') steps.pop()
    else if (!rooted) steps.push(step)
  }
  return (rooted ? '/' : '') + steps.join('/') || '.'
}

/** Behind a feature flag that is off on a stock cluster. */
export const mountPropagation: Rule = {
  code: 'KN396',
  name: 'mount-propagation',
  severity: 'error',
  title: 'mountPropagation must not be set on a stock cluster',
  source: 'pkg/apis/serving/fieldmask.go VolumeMountMask',
  why: () =>
    'Sharing mounts between the node and a container stands behind a feature flag, which is off on a stock cluster. Remove the field, or have the flag enabled.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const mount of mounts(container)) {
        if ((member(mount.value, 'mountPropagation') ?? null) === null) continue
        const path = [...mount.path, 'mountPropagation']
        yield {
          message: `${quoted(path)} must not be set on a stock cluster: "Volume Mount Propagation support is disabled", "must not set the field(s)"`,
          help: 'remove it',
          flag: 'kubernetes.podspec-volumes-mount-propagation',
          path,
          part: 'key',
        }
      }
    }
  },
}
