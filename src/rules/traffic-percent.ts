import { member, numeral } from '../manifest/json.js'
import { quoted } from './fields.js'
import { trafficTargets } from './parts.js'
import type { Rule } from './rule.js'

/** A share of less than nothing or more than everything does not become right by another one that makes up for it. */
export const trafficPercent: Rule = {
  code: 'KN302',
  name: 'percent-range',
  severity: 'error',
  title: 'a percent must be 0 to 100',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficPercentage',
  why: () =>
    'A share below 0 or above 100 means nothing, even where another one makes up for it, so the cluster refuses it. Write how many of a hundred requests this target gets.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const percent = member(target.value, 'percent')
      if (typeof percent !== 'number' || !Number.isInteger(percent) || (percent >= 0 && percent <= 100)) continue
      const path = [...target.path, 'percent']
      yield {
        message: `${quoted(path)} must be 0 to 100, but is ${numeral(percent)}: "expected 0 <= ${numeral(percent)} <= 100"`,
        help: 'write the share of the requests that this target gets, as a whole number of percent',
        path,
      }
    }
  },
}
