import { creator } from './creator.js'
import { dropped, noWayBack } from './dropped.js'
import type { Guard } from './guard.js'
import { letLoose, lostTraffic } from './loose.js'
import { nameChange } from './name-change.js'
import { newPatch } from './new-patch.js'
import { newProfile } from './new-profile.js'
import { skippedPreview } from './skipped-preview.js'
import { skippedStage } from './skipped-stage.js'
import { unknownRevision } from './unknown-revision.js'
import { unsoaked } from './unsoaked.js'
import { usedName } from './used-name.js'

/** Every guard, in the order of their codes. To add one: a file beside this one, and a row here. */
export const guards: readonly Guard[] = [
  nameChange,
  creator,
  usedName,
  unknownRevision,
  dropped,
  noWayBack,
  skippedPreview,
  skippedStage,
  unsoaked,
  letLoose,
  lostTraffic,
  newProfile,
  newPatch,
]
