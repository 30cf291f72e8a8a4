import type { Rule } from './rule.js'
import { trafficSum } from './traffic-sum.js'

/** Every rule, in the order of its code. To add one: a file beside this one, and a row here. */
export const rules: readonly Rule[] = [trafficSum]
