import { member } from '../../manifest/json.js'
import { labelOf, type Built } from '../../manifest/kustomize/built.js'
import { isImageOf } from '../../manifest/kustomize/images.js'
import { entries, folderName, type Kustomization } from '../../manifest/kustomize/kustomization.js'
import { itemsAt, shown } from '../fields.js'
import type { OverlayRule } from './overlay-rule.js'

/** kustomize changes the image of a template, but not the name of its revision, and the cluster refuses one without the other. */
export const replacedImage: OverlayRule = {
  code: 'KN602',
  severity: 'warning',
  title: 'a kustomization must not change an image and keep the name of the revision',
  source: 'pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
  *check(kustomization, builds) {
    const images = entries(kustomization.value, 'images')
    if (images.length === 0) return
    for (const built of builds.build(kustomization)) {
      const revision = built.revision.value
      if (typeof revision !== 'string' || revision === '' || isNamedBy(kustomization, built)) continue
      for (const { item, path } of images) {
        const name = member(item, 'name')
        const found = itemsAt(built.base.value, ['spec', 'template', 'spec', 'containers'])
          .map(({ value }) => member(value, 'image'))
          .find((image) => typeof name === 'string' && typeof image === 'string' && isImageOf(image, name))
        if (typeof found !== 'string') continue
        const key = changing.find((one) => isChange(found, one, member(item, one)))
        if (key === undefined || namesTag(revision, member(item, 'newTag'))) continue
        yield {
          message: `\`images\` of \`${folderName(kustomization)}\` must not change ${shown(found)} while the revision keeps the name ${shown(revision)} (${built.base.file.path}): "Saw the following changes without a name change"`,
          help: 'change `spec.template.metadata.name` in the same commit, by a patch in this folder if need be, or leave the name out and have the cluster generate one',
          at: kustomization,
          path: [...path, key],
          part: 'key',
          service: labelOf(built),
        }
      }
    }
  },
}

const changing = ['newTag', 'newName', 'digest', 'tagSuffix'] as const

/** Whether the kustomization that changes the image also names the revision. */
function isNamedBy(kustomization: Kustomization, { revision: { word } }: Built): boolean {
  return word.kustomization === kustomization
}

function isChange(image: string, key: (typeof changing)[number], value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false
  if (key === 'newTag') return !image.includes(`:${value}`) || !/^(?:@|$)/.test(image.split(`:${value}`)[1] ?? '')
  return key === 'tagSuffix' || !image.startsWith(value)
}

/** Whether the revision is called after the tag, so that the two change together. */
function namesTag(revision: string, tag: unknown): boolean {
  return typeof tag === 'string' && tag !== '' && revision.includes(tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))
}
