import { pin } from './pin.js'
import { preview } from './preview.js'
import { promote } from './promote.js'
import { retire } from './retire.js'
import { rollback } from './rollback.js'
import { split } from './split.js'
import type { Stage } from './stage.js'

/** Every stage, in the order of a rollout. To add one: a file beside this one, and a row here. */
export const stages: readonly Stage[] = [pin, preview, split, promote, retire, rollback]
