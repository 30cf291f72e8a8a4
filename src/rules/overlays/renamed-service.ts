import { isList, member } from '../../manifest/json.js'
import type { Builds } from '../../manifest/kustomize/builds.js'
import { labelOf, nameOf, type Built, type Said } from '../../manifest/kustomize/built.js'
import { folderName, type Kustomization } from '../../manifest/kustomize/kustomization.js'
import { shown } from '../fields.js'
import type { OverlayRule } from './overlay-rule.js'

const affixes = ['namePrefix', 'nameSuffix'] as const

/** kustomize knows no reference from a Service to its revisions, so it renames the one and leaves the others. */
export const renamedService: OverlayRule = {
  code: 'KN603',
  name: 'renamed-service',
  severity: 'warning',
  title: 'a kustomization must not rename a Service and keep the names of its revisions',
  source: 'pkg/apis/serving/v1/revision_validation.go validateRevisionName; kustomize namereference.go',
  why: () =>
    'kustomize renames the Service but neither `spec.template.metadata.name` nor the revisions in `spec.traffic`, and a revision must begin with the name of its Service. Patch the names in the same folder, or use a namespace for each environment.',
  *check(kustomization, builds) {
    const key = affixIn(kustomization)
    if (key === undefined) return
    const told = new Set<string>()
    for (const built of deliveredBy(kustomization, builds)) {
      const { name } = nameOf(built)
      const revision = built.revision.value
      const isOther = (one: unknown): one is string =>
        typeof one === 'string' && one !== '' && !one.startsWith(`${name}-`)
      const routed = targetsOf(built).find(isOther)
      if ((!isOther(revision) && routed === undefined) || told.has(labelOf(built))) continue
      told.add(labelOf(built))
      const [field, found, said, then] = isOther(revision)
        ? [
            'spec.template.metadata.name',
            revision,
            built.revision,
            `the cluster refuses it: "invalid value: ${shown(revision)} must have prefix "${name}-""`,
          ]
        : ['spec.traffic', routed, built.traffic, 'no such revision ever exists, and the traffic stays where it is']
      yield {
        message: `\`${key}\` of \`${folderName(kustomization)}\` must not make a Service ${shown(name)} whose \`${field}\` says ${shown(found)} (${fileOf(said)}): ${then}`,
        help: `patch the names in this folder so that they start with \`${name}-\`, or keep the name and tell environments apart by \`namespace\``,
        at: kustomization,
        path: [key],
        part: 'key',
        service: labelOf(built),
      }
    }
  },
}

function affixIn({ value }: Kustomization): (typeof affixes)[number] | undefined {
  return affixes.find((one) => member(value, one) ?? '')
}

/** What leaves the repository with the name that this kustomization is the last one to change. */
function deliveredBy(kustomization: Kustomization, builds: Builds): readonly Built[] {
  const roots = builds.roots()
  const all = roots.includes(kustomization) ? builds.build(kustomization) : roots.flatMap((root) => builds.build(root))
  return all.filter(({ through }) => through.findLast((one) => affixIn(one) !== undefined) === kustomization)
}

/** The file that says it: the Service's own, or the patch that has the last word. */
function fileOf({ word }: Said): string {
  if (word.by === 'manifest') return word.manifest.file.path
  return word.by === 'json' && word.file ? word.file.path : word.kustomization.file.path
}

function targetsOf({ traffic }: Built): readonly unknown[] {
  return isList(traffic.value) ? traffic.value.map((target) => member(target, 'revisionName')) : []
}
