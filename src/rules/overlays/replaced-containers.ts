import { isList, isObject, member, type Json } from '../../manifest/json.js'
import { labelOf } from '../../manifest/kustomize/built.js'
import { folderName } from '../../manifest/kustomize/kustomization.js'
import { containersPath } from '../../manifest/container-names.js'
import type { OverlayRule } from './overlay-rule.js'
import { placeOf } from './replaced-traffic.js'

/** Whoever knows patches of Deployments expects that containers are merged by their names. */
export const replacedContainers: OverlayRule = {
  code: 'KN610',
  name: 'patch-drops-fields',
  severity: 'warning',
  title: 'a patch that drops parts of the containers',
  source: 'sigs.k8s.io/kustomize#2825: lists of custom resources have no merge key',
  why: () =>
    'Containers of a Deployment are merged by their names, but kustomize has no such key for Knative Services: the list of the patch replaces that of the base, and the variables, ports and probes that it does not repeat are gone.',
  *check(kustomization, builds) {
    builds.build(kustomization)
    for (const { field, kustomization: own, before, after } of builds.replacements) {
      if (field !== 'containers' || own !== kustomization || after.containers.word.by === 'json') continue
      const lost = lostBetween(before.containers.value, after.containers.value)
      if (lost.length === 0) continue
      const { at, path } = placeOf(after.containers.word)
      yield {
        message: `\`${containersPath.join('.')}\` must be whole in a patch, since kustomize replaces the list, but \`${folderName(kustomization)}\` loses ${listed(lost)} of ${before.base.file.path}`,
        help: 'repeat them here, or change a single field by a JSON patch (`op: replace`, `path: /spec/template/spec/containers/0/image`)',
        at,
        path: at === kustomization ? path : containersPath,
        part: 'key',
        service: labelOf(before),
      }
    }
  },
}

/** The containers that are gone, and the fields that those which are left have no more. */
function lostBetween(before: Json | undefined, after: Json | undefined): readonly string[] {
  if (!isList(before) || !isList(after)) return []
  return before.flatMap((old) => {
    const name = member(old, 'name')
    const isAlone = before.length === 1 && after.length === 1
    const now = isAlone ? after[0] : after.find((one) => member(one, 'name') === name)
    if (now === undefined) return [typeof name === 'string' ? `the container \`${name}\`` : 'a container']
    const keys = isObject(old) && isObject(now) ? Object.keys(old) : []
    return keys.filter((key) => key !== 'name' && member(now, key) === undefined).map((key) => `\`${key}\``)
  })
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
