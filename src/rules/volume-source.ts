import { permits, stockCluster } from '../manifest/cluster-settings.js'
import { member, type JsonObject } from '../manifest/json.js'
import { itemsIn, objectIn, quoted, shown, textField, type Place } from './fields.js'
import { missing } from './missing.js'
import { volumes } from './parts.js'
import type { Finding, Rule } from './rule.js'

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
export const volumeSource: Rule = {
  code: 'KN392',
  name: 'volume-source',
  severity: 'error',
  title: 'a volume must be one of configMap, emptyDir, projected and secret',
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
function* noScratch({ value, path }: Place<JsonObject>): Iterable<Finding> {
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
function* writtenClaim(volume: Place<JsonObject>): Iterable<Finding> {
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
export const emptyDir: Rule = {
  code: 'KN390',
  name: 'empty-dir',
  severity: 'error',
  title: 'an emptyDir must be on disk or in memory',
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
export const projectedSources: Rule = {
  code: 'KN397',
  name: 'projected-source',
  severity: 'error',
  title: 'a projected source must be one of configMap, downwardAPI, secret and serviceAccountToken',
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

function* incomplete(source: Place<JsonObject>): Iterable<Finding> {
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
export const volumeItems: Rule = {
  code: 'KN398',
  name: 'volume-item',
  severity: 'error',
  title: 'an item of a volume must have a key and a path',
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
