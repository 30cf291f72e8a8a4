import { permits, stockCluster } from '../config/cluster-settings.js'
import { isList, type JsonObject, member } from '../yaml/json.js'
import { dns1123Subdomain } from './go-values.js'
import {
  allContainers,
  brief,
  filePath,
  localPath,
  mounts,
  pullPolicies,
  unmade,
  unreadableField,
  unreadableResource,
  unset,
  volumes,
} from './places.js'
import { type FieldAt, type Finding, integerField, itemsIn, objectIn, type Rule, shown, textField } from './rule.js'
import { canonicalQuantity } from './update.js'

/** The volumes as Kubernetes sees them, where Knative looks at names and kinds. */
const podVolume: Rule = {
  code: 'KN384',
  name: 'pod-volume',
  severity: 'warning',
  refusedAsPod: true,
  title: 'Kubernetes rejects the volume or its mount',
  source: 'k8s.io/kubernetes/pkg/apis/core/validation validateVolumeSource, validateKeyToPath, ValidateVolumeMounts',
  why: () =>
    'Knative validates that a volume has one source and is mounted. Kubernetes also needs a source name, unique paths below the mount, and modes from 0 to 0777; otherwise it rejects the Deployment. The revision never becomes ready, and the Service reports only `RevisionMissing`.',
  *check(manifest, neighbourhood) {
    for (const volume of volumes(manifest)) {
      yield* ofNamed(volume)
      yield* ofProjected(volume)
      yield* ofFlagged(volume)
    }
    const { cluster = stockCluster } = neighbourhood
    const isShared = permits(cluster, 'kubernetes.podspec-volumes-mount-propagation')
    for (const container of allContainers(manifest, neighbourhood)) {
      for (const mount of mounts(container)) {
        yield* localPath([...mount.path, 'subPath'], textField(mount.value, 'subPath') ?? '')
        if (isShared) yield* ofPropagation(mount)
      }
    }
  },
}

function* ofNamed(volume: FieldAt<JsonObject>): Iterable<Finding> {
  for (const [kind, key] of [
    ['secret', 'secretName'],
    ['configMap', 'name'],
  ] as const) {
    const source = objectIn(volume, kind)
    if (!source) continue
    if (textField(source.value, key) === '')
      yield unset([...source.path, key], `add the name of the ${kind === 'secret' ? 'Secret' : 'ConfigMap'}`)
    yield* ofMode(source, 'defaultMode')
    for (const item of itemsIn(source, 'items')) yield* ofItem(item)
  }
}

function* ofItem(item: FieldAt<JsonObject>): Iterable<Finding> {
  yield* filePath([...item.path, 'path'], textField(item.value, 'path') ?? '')
  yield* ofMode(item, 'mode')
}

const mostMode = 0o777

function* ofMode({ value, path }: FieldAt<JsonObject>, key: string): Iterable<Finding> {
  const mode = integerField(value, key) ?? 0
  if (mode >= 0 && mode <= mostMode) return
  yield unmade([...path, key], {
    what: `is ${mode} (0${Math.abs(mode).toString(8)} in octal), not 0 to 0777`,
    said: 'must be a number between 0 and 0777 (octal), both inclusive',
    help: 'write the mode in octal with a leading 0, such as 0644',
  })
}

const shortest = 600
const longest = 2 ** 32

function* ofProjected(volume: FieldAt<JsonObject>): Iterable<Finding> {
  const projected = objectIn(volume, 'projected')
  if (!projected) return
  yield* ofMode(projected, 'defaultMode')
  const taken = new Set<string>()
  for (const source of itemsIn(projected, 'sources')) {
    for (const kind of ['secret', 'configMap', 'downwardAPI']) {
      const part = objectIn(source, kind)
      for (const item of part ? itemsIn(part, 'items') : []) {
        yield* ofItem(item)
        if (kind === 'downwardAPI') yield* ofPodField(item)
        const file = textField(item.value, 'path')
        if (!file) continue
        if (taken.has(file))
          yield unmade([...item.path, 'path'], {
            what: `is ${brief(file)}, which another file already uses`,
            said: 'conflicting duplicate paths',
          })
        taken.add(file)
      }
    }
    yield* ofToken(source)
  }
}

function* ofToken(source: FieldAt<JsonObject>): Iterable<Finding> {
  const token = objectIn(source, 'serviceAccountToken')
  if (!token) return
  const isSet = (member(token.value, 'expirationSeconds') ?? null) !== null
  const seconds = isSet ? (integerField(token.value, 'expirationSeconds', 64) ?? shortest) : shortest
  if (seconds < shortest || seconds > longest)
    yield unmade([...token.path, 'expirationSeconds'], {
      what: `is ${seconds}, not ${shortest} to ${longest}`,
      ...(seconds < shortest && { said: 'may not specify a duration less than 10 minutes' }),
      help: 'remove it to use one hour',
    })
  yield* filePath([...token.path, 'path'], textField(token.value, 'path') ?? '')
}

function* ofPodField(item: FieldAt<JsonObject>): Iterable<Finding> {
  const field = objectIn(item, 'fieldRef')
  const resource = objectIn(item, 'resourceFieldRef')
  if (field) yield* unreadableField(field, 'file')
  else if (resource) yield* unreadableResource(resource, 'file')
}

const hostPaths: ReadonlySet<string> = new Set([
  '',
  'DirectoryOrCreate',
  'Directory',
  'FileOrCreate',
  'File',
  'Socket',
  'CharDevice',
  'BlockDevice',
])

/** Kinds of volumes that only an operator can have a cluster take. */
function* ofFlagged(volume: FieldAt<JsonObject>): Iterable<Finding> {
  const claim = objectIn(volume, 'persistentVolumeClaim')
  if (claim && textField(claim.value, 'claimName') === '')
    yield unset([...claim.path, 'claimName'], 'add the name of the PersistentVolumeClaim')
  const host = objectIn(volume, 'hostPath')
  const place = host && textField(host.value, 'path')
  if (host && place === '') yield unset([...host.path, 'path'], 'add the path on the node')
  if (host && place?.split('/').includes('..'))
    yield unmade([...host.path, 'path'], {
      what: `is ${brief(place)}, which contains \`..\``,
      said: "must not contain '..'",
    })
  const type = host && textField(host.value, 'type')
  if (host && type !== undefined && !hostPaths.has(type))
    yield unmade([...host.path, 'type'], { what: `is ${brief(type)}, an unknown type` })
  const driver = objectIn(volume, 'csi')
  const name = driver && textField(driver.value, 'driver')
  if (driver && name === '') yield unset([...driver.path, 'driver'], 'add the name of the driver')
  else if (driver && name !== undefined && (name.length > 63 || dns1123Subdomain(name.toLowerCase()) !== undefined))
    yield unmade([...driver.path, 'driver'], { what: `is ${brief(name)}, not a driver name` })
  const secret = driver && objectIn(driver, 'nodePublishSecretRef')
  if (secret && textField(secret.value, 'name') === '') yield unset([...secret.path, 'name'], 'name the Secret')
  const image = objectIn(volume, 'image')
  if (image && textField(image.value, 'reference') === '')
    yield unset([...image.path, 'reference'], 'name the image or artifact')
  const policy = image && textField(image.value, 'pullPolicy')
  if (image && policy && !pullPolicies.has(policy))
    yield unmade([...image.path, 'pullPolicy'], {
      what: `is ${brief(policy)}, not Always, IfNotPresent or Never`,
      help: 'leave it out for the default of the tag',
    })
  yield* ofEphemeral(volume)
}

const accessModes: ReadonlySet<string> = new Set(['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'])

/**
 * The claim that each Pod gets of its own.
 *
 * Source: validateEphemeralVolumeSource, ValidatePersistentVolumeClaimSpec.
 */
function* ofEphemeral(volume: FieldAt<JsonObject>): Iterable<Finding> {
  const ephemeral = objectIn(volume, 'ephemeral')
  if (!ephemeral) return
  const template = objectIn(ephemeral, 'volumeClaimTemplate')
  const at = [...ephemeral.path, 'volumeClaimTemplate']
  if (!template) {
    if ((member(ephemeral.value, 'volumeClaimTemplate') ?? null) === null)
      yield unset(at, 'describe the claim under `spec`')
    return
  }
  const spec = objectIn(template, 'spec') ?? { value: {}, path: [...at, 'spec'] }
  const modes = member(spec.value, 'accessModes') ?? []
  const path = [...spec.path, 'accessModes']
  if (isList(modes) && modes.length === 0) yield unset(path, 'write `accessModes: [ReadWriteOnce]`, or another one')
  for (const [index, mode] of (isList(modes) ? modes : []).entries()) {
    if (typeof mode !== 'string') continue
    if (!accessModes.has(mode))
      yield unmade([...path, index], { what: `is ${brief(mode)}, not one of ${[...accessModes].join(', ')}` })
    else if (mode === 'ReadWriteOncePod' && isList(modes) && modes.length > 1)
      yield unmade([...path, index], { what: 'is ReadWriteOncePod together with other modes' })
  }
  const storage = member(spec.value, 'resources', 'requests', 'storage') ?? null
  const size = [...spec.path, 'resources', 'requests', 'storage']
  if (storage === null) yield unset(size, 'set a size, such as `storage: 1Gi`')
  else if (typeof storage === 'string' || typeof storage === 'number') {
    const form = canonicalQuantity(String(storage))
    if (form === '0' || form?.startsWith('-'))
      yield unmade(size, {
        what: `is ${brief(String(storage))}, not more than 0`,
        said: 'must be greater than zero',
      })
  }
  const storageClass = textField(spec.value, 'storageClassName')
  if (storageClass && dns1123Subdomain(storageClass) !== undefined)
    yield unmade([...spec.path, 'storageClassName'], {
      what: `is ${brief(storageClass)}, not the name of a StorageClass`,
    })
  const volumeMode = textField(spec.value, 'volumeMode')
  if (volumeMode && volumeMode !== 'Filesystem' && volumeMode !== 'Block')
    yield unmade([...spec.path, 'volumeMode'], { what: `is ${brief(volumeMode)}, not Filesystem or Block` })
}

const propagations: ReadonlySet<string> = new Set(['None', 'HostToContainer'])

/** Mounts that reach the node are for privileged containers, which Knative takes none of. */
function* ofPropagation({ value, path }: FieldAt<JsonObject>): Iterable<Finding> {
  const way = member(value, 'mountPropagation') ?? null
  if (typeof way !== 'string' || propagations.has(way)) return
  yield unmade([...path, 'mountPropagation'], { what: `is ${shown(way)}, not None or HostToContainer` })
}

export const podVolumesRules: readonly Rule[] = [podVolume]
