import { formatPath } from '../text/path.js'
import { permits, stockCluster } from '../config/cluster-settings.js'
import { type JsonObject, member } from '../yaml/json.js'
import { dns1123Label } from './go-values.js'
import { allContainers, missing, mounts, volumes } from './places.js'
import { knative, type FieldAt, type Finding, itemsIn, objectIn, quoted, type Rule, shown, textField } from './rule.js'

const allowed = ['configMap', 'emptyDir', 'projected', 'secret']
/** The kinds behind a feature flag: the flag, and what Knative calls them. */
const flagged: ReadonlyMap<string, readonly [flag: string, name: string]> = new Map([
  ['csi', ['kubernetes.podspec-volumes-csi', 'CSI volume']],
  ['ephemeral', ['kubernetes.podspec-volumes-ephemeral', 'Ephemeral volume']],
  ['hostPath', ['kubernetes.podspec-volumes-hostpath', 'HostPath volume']],
  ['image', ['kubernetes.podspec-volumes-image', 'Image volume']],
  ['persistentVolumeClaim', ['kubernetes.podspec-persistent-volume-claim', 'Persistent volume claim']],
])

function set(object: JsonObject, keys: Iterable<string>): readonly string[] {
  return [...keys].filter((key) => (member(object, key) ?? null) !== null)
}

/** A volume has one source, and of a kind that a stock cluster takes. */
const volumeSource: Rule = {
  code: 'KN392',
  name: 'volume-source',
  severity: 'error',
  title: 'Volume does not have exactly one supported source',
  source: 'pkg/apis/serving/k8s_validation.go validateVolume; fieldmask.go VolumeSourceMask',
  why: () =>
    'A volume has one source. A default installation allows files from a ConfigMap or Secret, projected ones, and scratch space; disks and paths of the node need a feature flag. Use one allowed source.',
  *check(manifest, { cluster = stockCluster }) {
    const taken = [...flagged].flatMap(([key, [flag]]) => (permits(cluster, flag) ? [key] : []))
    const hasScratch = permits(cluster, scratchFlag)
    for (const volume of volumes(manifest)) {
      const { value, path } = volume
      yield* hasScratch ? [] : noScratch(volume)
      yield* taken.includes('persistentVolumeClaim') ? writtenClaim(volume) : []
      const others = set(value, flagged.keys())
      for (const key of others) {
        const [flag, name] = flagged.get(key) ?? []
        yield {
          message: `${quoted([...path, key])} needs the feature flag \`${flag ?? ''}\`, which is off by default`,
          says: knative(`${name} support is disabled, must not set the field(s): ${formatPath([...path, key])}`),
          help: `use one of ${allowed.join(', ')}`,
          ...(flag !== undefined && { flag }),
          path: [...path, key],
          part: 'key',
        }
      }
      const own = set(value, [...allowed, ...taken])
      if (own.length === 1 || (own.length === 0 && others.length > 0)) continue
      const found = own.length === 0 ? 'neither' : 'both'
      yield {
        message: `exactly one of ${allowed.join(', ')} must be set in ${quoted(path)}; found ${own.join(' and ') || 'none'}`,
        says: knative(`expected exactly one, got ${found}`),
        help:
          own.length === 0
            ? 'add one of them, or remove the volume and its mounts'
            : 'write a volume for each source, or one `projected` volume with several',
        path,
      }
    }
  },
}

const scratchFlag = 'kubernetes.podspec-volumes-emptydir'

/** An operator can turn off even what a stock cluster takes. */
function* noScratch({ value, path }: FieldAt<JsonObject>): Iterable<Finding> {
  if (set(value, ['emptyDir']).length === 0) return
  yield {
    message: `${quoted([...path, 'emptyDir'])} needs the feature flag \`kubernetes.podspec-volumes-emptydir\`, which is off on this cluster`,
    says: knative('EmptyDir volume support is disabled'),
    help: 'use another kind of volume',
    flag: scratchFlag,
    path: [...path, 'emptyDir'],
    part: 'key',
  }
}

/** Claims can be taken for reading alone. */
function* writtenClaim(volume: FieldAt<JsonObject>): Iterable<Finding> {
  const claim = objectIn(volume, 'persistentVolumeClaim')
  if (!claim || claim.value['readOnly'] === true) return
  yield {
    message: `${quoted(claim.path)} is writable and needs the feature flag \`kubernetes.podspec-persistent-volume-write\`, which is off by default`,
    says: knative('Persistent volume write support is disabled'),
    help: 'add `readOnly: true` here and to its mounts',
    flag: 'kubernetes.podspec-persistent-volume-write',
    path: claim.path,
    part: 'key',
  }
}

/** Scratch space: on disk or in memory, with a limit that makes sense. */
const emptyDir: Rule = {
  code: 'KN390',
  name: 'empty-dir',
  severity: 'error',
  title: '`emptyDir` medium or size limit is not valid',
  source: 'pkg/apis/serving/k8s_validation.go validateEmptyDirFields',
  why: () =>
    'Scratch space is on the disk of the node, or in memory if the medium is `Memory`, and a size limit is a quantity of at least 0. Knative rejects other values. Use `Memory`, or remove the medium.',
  *check(manifest) {
    for (const volume of volumes(manifest)) {
      const scratch = objectIn(volume, 'emptyDir')
      if (!scratch) continue
      const medium = textField(scratch.value, 'medium') ?? ''
      if (medium !== '' && medium !== 'Memory') yield wrong([...scratch.path, 'medium'], '`Memory` or empty', medium)
      const limit = member(scratch.value, 'sizeLimit')
      if ((typeof limit === 'string' || typeof limit === 'number') && isNegative(String(limit)))
        yield wrong([...scratch.path, 'sizeLimit'], '0 or more', String(limit))
    }
  },
}

/** Whether a quantity is less than nothing: the digits count that stand before its suffix or exponent. */
function isNegative(quantity: string): boolean {
  return /^\s*-[0-9.]*[1-9]/.test(quantity)
}

function wrong(path: Finding['path'], wanted: string, value: string): Finding {
  return {
    message: `${quoted(path)} is ${shown(value)}; must be ${wanted}`,
    says: knative(`invalid value: ${value}`),
    path,
  }
}

const parts = ['configMap', 'downwardAPI', 'secret', 'serviceAccountToken']

/** The parts of a projected volume: each one source, and complete. */
const projectedSources: Rule = {
  code: 'KN397',
  name: 'projected-source',
  severity: 'error',
  title: 'Projected source is incomplete or not exactly one type',
  source: 'pkg/apis/serving/k8s_validation.go validateProjectedVolumeSource',
  why: () =>
    'A projected volume puts files of several sources into one directory, one item for each source. Knative rejects an item with no source, with two, or without a required name. Complete it, or split it.',
  *check(manifest) {
    for (const volume of volumes(manifest)) {
      const projected = objectIn(volume, 'projected')
      for (const source of projected ? itemsIn(projected, 'sources') : []) {
        const found = set(source.value, parts)
        if (found.length !== 1)
          yield {
            message: `exactly one of ${parts.join(', ')} must be set in ${quoted(source.path)}; found ${found.join(' and ') || 'none'}`,
            says: knative(`expected exactly one, got ${found.length === 0 ? 'neither' : 'both'}`),
            help: found.length === 0 ? 'add one of them, or remove the item' : 'write a separate item for each source',
            path: source.path,
          }
        yield* incomplete(source)
      }
    }
  },
}

function* incomplete(source: FieldAt<JsonObject>): Iterable<Finding> {
  for (const [key, needed] of [
    ['configMap', 'name'],
    ['secret', 'name'],
    ['serviceAccountToken', 'path'],
  ] as const) {
    const part = objectIn(source, key)
    if (part && textField(part.value, needed) === '') yield missing([...part.path, needed])
  }
  const pod = objectIn(source, 'downwardAPI')
  for (const file of pod ? itemsIn(pod, 'items') : []) {
    if (textField(file.value, 'path') === '') yield missing([...file.path, 'path'])
    const found = set(file.value, ['fieldRef', 'resourceFieldRef'])
    if (found.length === 1) continue
    const said = found.length === 0 ? 'expected exactly one, got neither' : 'Within a single item, cannot set both'
    yield {
      message: `exactly one of \`fieldRef\` and \`resourceFieldRef\` must be set in ${quoted(file.path)}; found ${found.length === 0 ? 'neither' : 'both'}`,
      says: knative(said),
      path: file.path,
    }
  }
}

/** A file needs the key that it holds and a path. */
const volumeItems: Rule = {
  code: 'KN398',
  name: 'volume-item',
  severity: 'error',
  title: 'Volume item has no `key` or no `path`',
  source: 'pkg/apis/serving/k8s_validation.go validateKeyToPath',
  why: () =>
    'Each item names a key and the file to write it to, so it needs both. Knative rejects an item without one of them. Complete it, or remove `items` to get all keys as files.',
  *check(manifest) {
    for (const volume of volumes(manifest)) {
      const projected = objectIn(volume, 'projected')
      const holders = [volume, ...(projected ? itemsIn(projected, 'sources') : [])]
      for (const holder of holders) {
        for (const kind of ['configMap', 'secret']) {
          const source = objectIn(holder, kind)
          for (const item of source ? itemsIn(source, 'items') : [])
            for (const key of ['key', 'path']) if (textField(item.value, key) === '') yield missing([...item.path, key])
        }
      }
    }
  },
}

/** The name of a volume becomes part of a path on the node. */
const volumeName: Rule = {
  code: 'KN391',
  name: 'volume-name',
  severity: 'error',
  title: 'Volume name is not a DNS label',
  source: 'pkg/apis/serving/k8s_validation.go validateVolume',
  why: () =>
    'The name of a volume becomes part of a path on the node, and the mounts refer to it. Use at most 63 lower-case letters, digits and dashes.',
  *check(manifest) {
    for (const volume of volumes(manifest)) {
      const name = textField(volume.value, 'name')
      if (name === undefined || (name !== '' && dns1123Label(name) === undefined)) continue
      const path = [...volume.path, 'name']
      const help = 'use lower-case letters, digits and `-`, at most 63 characters'
      if (name === '') yield missing(path, help)
      else
        yield {
          message: `${quoted(path)} is ${shown(name)}; must be a DNS label`,
          says: knative(`invalid value: ${name}`),
          help,
          path,
        }
    }
  },
}

/** A volume that nobody uses is a mistake to Knative. */
const volumeMounted: Rule = {
  code: 'KN393',
  name: 'unmounted-volume',
  severity: 'error',
  title: 'Volume is not mounted by any container',
  source: 'pkg/apis/serving/k8s_validation.go ValidateVolumes',
  why: () =>
    'Nothing uses a volume that no container mounts, and Knative rejects it as a mistake. Mount it, or remove it.',
  *check(manifest, neighbourhood) {
    const mounted = new Set(
      allContainers(manifest, neighbourhood).flatMap((container) =>
        mounts(container).map(({ value }) => textField(value, 'name') ?? ''),
      ),
    )
    for (const volume of volumes(manifest)) {
      const name = textField(volume.value, 'name')
      if (!name || mounted.has(name)) continue
      const path = [...volume.path, 'name']
      yield {
        message: `${quoted(path)} is ${shown(name)}, a volume that no container mounts`,
        says: knative(`volume with name ${shown(name)} not mounted`),
        help: 'add it to the `volumeMounts` of a container, or remove the volume',
        path,
      }
    }
  },
}

/** A mount is of a volume of the same template. */
const mountVolume: Rule = {
  code: 'KN394',
  name: 'undefined-volume',
  severity: 'error',
  title: 'Volume mount refers to a volume that does not exist',
  source: 'pkg/apis/serving/k8s_validation.go validateVolumeMounts',
  why: () =>
    'A mount puts a volume of the same template into a container, by its name. If that volume does not exist, the pod cannot start, so Knative rejects the Service. Add the volume, or correct the name.',
  *check(manifest, neighbourhood) {
    const names = new Set(volumes(manifest).map(({ value }) => textField(value, 'name') ?? ''))
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const mount of mounts(container)) {
        const name = textField(mount.value, 'name')
        if (name === undefined || names.has(name)) continue
        const path = [...mount.path, 'name']
        yield {
          message: `${quoted(path)} ${name === '' ? 'is missing' : `is ${shown(name)}, a volume that does not exist`}`,
          says: knative('volumeMount has no matching volume'),
          help:
            names.size === 0
              ? 'add the volume to `spec.template.spec.volumes`'
              : `use one of ${[...names].join(', ')}, or add the volume`,
          path,
        }
      }
    }
  },
}

const reserved: ReadonlySet<string> = new Set(['/', '/dev', '/dev/log'])

/** Where a volume appears: an absolute path, once, and not over what the container needs. */
const mountPath: Rule = {
  code: 'KN395',
  name: 'mount-path',
  severity: 'error',
  title: 'Mount path is relative, reserved, or used twice',
  source: 'pkg/apis/serving/k8s_validation.go validateVolumeMounts',
  why: () =>
    'Two mounts cannot use one path, a relative path leads nowhere, and some directories belong to the container or to Knative. Mount each volume at a separate absolute path.',
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
            message: `${quoted(path)} is ${shown(place)}, which another mount already uses`,
            says: knative(`invalid value: ${shown(place)} must be unique`),
            help: 'use another path',
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
      message: `${quoted(path)} is ${shown(place)}, a reserved path`,
      says: knative(`mountPath ${shown(clean)} is a reserved path`),
      help: 'mount it in a separate directory',
      path,
    }
  if (place.startsWith('/')) return undefined
  return {
    message: `${quoted(path)} is ${shown(place)}; must be an absolute path`,
    says: knative(`invalid value: ${place}`),
    help: 'start it with `/`',
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
const mountPropagation: Rule = {
  code: 'KN396',
  name: 'mount-propagation',
  severity: 'error',
  title: '`mountPropagation` needs a feature flag that is off by default',
  source: 'pkg/apis/serving/fieldmask.go VolumeMountMask',
  why: () =>
    'A shared mount between the node and a container needs a feature flag, which is off in a default installation. Remove the field, or enable the flag.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const mount of mounts(container)) {
        if ((member(mount.value, 'mountPropagation') ?? null) === null) continue
        const path = [...mount.path, 'mountPropagation']
        yield {
          message: `${quoted(path.slice(-3))} needs the feature flag \`kubernetes.podspec-volumes-mount-propagation\`, which is off by default`,
          says: knative(`Volume Mount Propagation support is disabled, must not set the field(s): ${formatPath(path)}`),
          help: 'remove it',
          flag: 'kubernetes.podspec-volumes-mount-propagation',
          path,
          part: 'key',
        }
      }
    }
  },
}

export const volumesRules: readonly Rule[] = [
  volumeSource,
  emptyDir,
  projectedSources,
  volumeItems,
  volumeName,
  volumeMounted,
  mountVolume,
  mountPath,
  mountPropagation,
]
