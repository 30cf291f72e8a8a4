import { labelledSelector } from './labelled-selector.js'
import type { OverlayRule } from './overlay-rule.js'
import { renamedService } from './renamed-service.js'
import { replacedContainers } from './replaced-containers.js'
import { replacedImage } from './replaced-image.js'
import { replacedTraffic } from './replaced-traffic.js'

/** What there is to say of kustomizations, in the order of the codes. To add one: a file beside this one, and a row here. */
export const overlayRules: readonly OverlayRule[] = [
  replacedTraffic,
  replacedImage,
  renamedService,
  labelledSelector,
  replacedContainers,
]
