import { permits, stockCluster } from '../config/cluster-settings.js'
import { type JsonObject, member } from '../yaml/json.js'
import { dns1123Label } from './names.js'
import { allContainers, missing, mounts, volumes } from './places.js'
import { type FieldAt, type Finding, itemsIn, objectIn, quoted, type Rule, shown, textField } from './rule.js'

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
    'A volume has one source, and a stock cluster allows those that every node can provide: files from a ConfigMap or Secret, projected ones, and scratch space. Disks and paths of the host need a feature flag.',
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
          message: `${quoted([...path, key])} must not be set on a stock cluster: ${shown(`${name} support is disabled`)}, "must not set the field(s)"`,
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
        message: `${quoted(path)} must have one of ${allowed.join(', ')}, but has ${own.join(' and ') || 'none'}: "expected exactly one, got ${found}"`,
        help: 'write a volume for each source, or one `projected` volume with several',
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
    message: `${quoted([...path, 'emptyDir'])} must not be set on this cluster: "EmptyDir volume support is disabled"`,
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
    message: `${quoted(claim.path)} must be read-only on a stock cluster: "Persistent volume write support is disabled"`,
    help: 'add `readOnly: true`, to its mounts as well',
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
    'Scratch space lies on the disk of the node, or in memory if the medium says so, and a size limit is a quantity that is not negative. Other words are refused: write Memory, or leave the medium out.',
  *check(manifest) {
    for (const volume of volumes(manifest)) {
      const scratch = objectIn(volume, 'emptyDir')
      if (!scratch) continue
      const medium = textField(scratch.value, 'medium') ?? ''
      if (medium !== '' && medium !== 'Memory') yield wrong([...scratch.path, 'medium'], 'Memory or nothing', medium)
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
    message: `${quoted(path)} must be ${wanted}, but is ${shown(value)}: ${shown(`invalid value: ${value}`)}`,
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
    'A projected volume puts files of several sources into one folder, one item for each source. An item with no source or with two, or one that lacks a name, is refused.',
  *check(manifest) {
    for (const volume of volumes(manifest)) {
      const projected = objectIn(volume, 'projected')
      for (const source of projected ? itemsIn(projected, 'sources') : []) {
        const found = set(source.value, parts)
        if (found.length !== 1)
          yield {
            message: `${quoted(source.path)} must have one of ${parts.join(', ')}, but has ${found.join(' and ') || 'none'}: "expected exactly one, got ${found.length === 0 ? 'neither' : 'both'}"`,
            help: 'write one item for each source',
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
      message: `${quoted(file.path)} must have either \`fieldRef\` or \`resourceFieldRef\`, but has ${found.length === 0 ? 'neither' : 'both'}: "${said}"`,
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
    'Each item says which key is written to which file, so it needs both. An item without a key or a path is refused: complete it, or leave `items` out to get all keys as files.',
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
    'The name of a volume becomes a part of a path on the node, and the mounts refer to it. Use lower-case letters, digits and dashes, at most 63.',
  *check(manifest) {
    for (const volume of volumes(manifest)) {
      const name = textField(volume.value, 'name')
      if (name === undefined || (name !== '' && dns1123Label(name) === undefined)) continue
      const path = [...volume.path, 'name']
      const help = 'use lower-case letters, digits and `-`, at most 63 in all'
      if (name === '') yield missing(path, help)
      else
        yield {
          message: `${quoted(path)} must be a DNS label, but is ${shown(name)}: ${shown(`invalid value: ${name}`)}`,
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
    'A volume that no container mounts would be made for nobody. Knative takes it for a mistake and refuses it: mount it, or remove it.',
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
        message: `${quoted(path)} must be mounted by a container, but ${shown(name)} is not: "volume with name ${shown(name)} not mounted"`,
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
const mountPath: Rule = {
  code: 'KN395',
  name: 'mount-path',
  severity: 'error',
  title: 'Mount path is relative, reserved, or used twice',
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
const mountPropagation: Rule = {
  code: 'KN396',
  name: 'mount-propagation',
  severity: 'error',
  title: '`mountPropagation` needs a feature flag that is off by default',
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
