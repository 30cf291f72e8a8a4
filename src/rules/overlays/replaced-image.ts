import { parseImage } from '../../manifest/image.js'
import { member } from '../../manifest/json.js'
import { labelOf, type Built } from '../../manifest/kustomize/built.js'
import { renamedImage } from '../../manifest/kustomize/images.js'
import { entries, folderName, type Kustomization } from '../../manifest/kustomize/kustomization.js'
import { itemsAt, shown } from '../fields.js'
import type { OverlayRule } from './overlay-rule.js'

/** kustomize changes the image of a template, but not the name of its revision, and the cluster refuses one without the other. */
export const replacedImage: OverlayRule = {
  code: 'KN602',
  name: 'image-name-kept',
  severity: 'warning',
  title: 'a kustomization must not change an image and keep the name of the revision',
  source: 'pkg/apis/serving/v1/revision_validation.go VerifyNameChange',
  why: () =>
    'A named revision can never change, and a new image under an old name is refused by every apply. Bots that only raise `newTag` run into this: rename the revision along with it, or leave naming to the cluster.',
  *check(kustomization, builds) {
    if (entries(kustomization.value, 'images').length === 0) return
    for (const built of builds.build(kustomization)) {
      const revision = built.revision.value
      if (typeof revision !== 'string' || revision === '' || isNamedBy(kustomization, built)) continue
      for (const { value } of itemsAt(built.base.value, ['spec', 'template', 'spec', 'containers'])) {
        const found = member(value, 'image')
        if (typeof found !== 'string') continue
        const { image, by } = renamedImage(found, [kustomization])
        if (!by || image === found || namesTag(revision, parseImage(image).tag)) continue
        yield {
          message: `\`images\` of \`${folderName(kustomization)}\` must not change ${shown(found)} while the revision keeps the name ${shown(revision)} (${built.base.file.path}): "Saw the following changes without a name change"`,
          help: 'change `spec.template.metadata.name` in the same commit, by a patch in this folder if need be, or leave the name out and have the cluster generate one',
          at: kustomization,
          path: by.path,
          part: 'key',
          service: labelOf(built),
        }
      }
    }
  },
}

/** Whether the kustomization that changes the image also names the revision. */
function isNamedBy(kustomization: Kustomization, { revision: { word } }: Built): boolean {
  return word.kustomization === kustomization
}

/** Whether the revision is called after the tag, so that the two change together. */
function namesTag(revision: string, tag: string | undefined): boolean {
  return tag !== undefined && revision.includes(tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))
}
