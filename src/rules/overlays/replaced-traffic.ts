import { isList } from '../../manifest/json.js'
import { labelOf, type Word } from '../../manifest/kustomize/built.js'
import { folderName } from '../../manifest/kustomize/kustomization.js'
import type { OverlayFinding, OverlayRule } from './overlay-rule.js'

/** Which of two lists counts is told by the order of the patches alone: nothing in the base's file hints at it. */
export const replacedTraffic: OverlayRule = {
  code: 'KN601',
  name: 'overridden-traffic',
  severity: 'note',
  title: 'an overlay that replaces the traffic of its base',
  source: 'sigs.k8s.io/kustomize#2825; config/core/300-resources/service.yaml: `traffic` has no merge key',
  why: () =>
    'The list of traffic has no merge key, so a patch never adds to it: the list of the last patch is the one that the cluster gets. Edit that file, for example with `kn-rollout apply STAGE --overlay DIR`.',
  *check(kustomization, builds) {
    builds.build(kustomization)
    const seen = new Set<string>()
    for (const { field, kustomization: own, before, after } of builds.replacements) {
      if (field !== 'traffic' || own !== kustomization || !isList(before.traffic.value)) continue
      const loser = before.traffic.word.by === 'manifest' ? before.traffic.word.manifest.file.path : 'another patch'
      const { at, path, file } = placeOf(after.traffic.word)
      const key = JSON.stringify([loser, file, path])
      if (seen.has(key)) continue
      seen.add(key)
      const message = `\`spec.traffic\` of \`${loser}\` has no effect in \`${folderName(kustomization)}\`: this patch replaces the whole list, so \`${file}\` is the file to edit`
      yield { message, at, path, part: 'key', service: labelOf(before) }
    }
  },
}

/** Where the one who has the last word says it. */
export function placeOf(word: Word): Pick<OverlayFinding, 'at' | 'path'> & { readonly file: string } {
  if (word.by === 'manifest') return { at: word.manifest, path: ['spec', 'traffic'], file: word.manifest.file.path }
  const { kustomization: at, path } = word
  return { at, path, file: word.by === 'json' && word.file ? word.file.path : at.file.path }
}
