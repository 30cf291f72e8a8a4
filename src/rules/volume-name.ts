import { quoted, shown, textField } from './fields.js'
import { missing } from './missing.js'
import { dns1123Label } from './names.js'
import { allContainers, mounts, volumes } from './parts.js'
import type { Rule } from './rule.js'

/** The name of a volume becomes part of a path on the node. */
export const volumeName: Rule = {
  code: 'KN391',
  name: 'volume-name',
  severity: 'error',
  title: 'a volume must have a name that is a DNS label',
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
export const volumeMounted: Rule = {
  code: 'KN393',
  name: 'unmounted-volume',
  severity: 'error',
  title: 'a volume must be mounted',
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
