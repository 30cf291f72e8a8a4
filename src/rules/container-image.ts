import { quoted, shown, textField } from './fields.js'
import { isImageReference } from './image-reference.js'
import { missing } from './missing.js'
import { allContainers } from './parts.js'
import type { Rule } from './rule.js'

/** Knative resolves the image to a digest before anything runs, so it has to be able to read it. */
export const containerImage: Rule = {
  code: 'KN370',
  name: 'invalid-image',
  severity: 'error',
  title: 'a container must have an image that can be read',
  source: 'pkg/apis/serving/k8s_validation.go validate; go-containerregistry/pkg/name',
  why: () =>
    'The cluster looks up the digest of an image before it makes the revision, so it has to be able to read the reference. Write the repository in lower case, with a tag or a digest behind it.',
  *check(manifest, neighbourhood) {
    for (const container of allContainers(manifest, neighbourhood)) {
      const image = textField(container.value, 'image')
      const path = [...container.path, 'image']
      if (image === '') yield missing(path, 'name the image to run')
      else if (image !== undefined && !isImageReference(image))
        yield {
          message: `${quoted(path)} must be an image reference, but is ${shown(image)}: "Failed to parse image reference"`,
          help: 'write registry/repository:tag in lower case (the tag may have capitals), or …@sha256:… with 64 digits',
          path,
        }
    }
  },
}
