import { quoted, textField } from './fields.js'
import { dns1035Label } from './names.js'
import { trafficTargets } from './parts.js'
import type { Rule } from './rule.js'

/** A tag becomes the first part of a host name. */
export const trafficTag: Rule = {
  code: 'KN303',
  name: 'invalid-tag',
  severity: 'error',
  title: 'a tag must be a DNS label',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficList',
  why: () =>
    'A tag becomes the first part of a host name, as in candidate-shop.default.example.com, and host names know neither capitals nor dots within a part. Use lower-case letters, digits and dashes, with a letter first.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const tag = textField(target.value, 'tag')
      const wrong = tag ? dns1035Label(tag) : undefined
      if (wrong === undefined) continue
      const path = [...target.path, 'tag']
      yield {
        message: `${quoted(path)} must be a DNS label, but is ${JSON.stringify(tag)}: "invalid value: not a DNS 1035 label: [${wrong}]"`,
        help: 'use lower-case letters, digits and `-`; start with a letter, end with a letter or digit, at most 63 in all',
        path,
      }
    }
  },
}

/** Each tag is a route of its own, so it can lead to one target only, even if two would lead to the same revision. */
export const trafficTagUnique: Rule = {
  code: 'KN304',
  name: 'duplicate-tag',
  severity: 'error',
  title: 'a tag must not be given twice',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficList',
  why: () =>
    'Each tag makes one URL, and one URL can lead to one target only, so the cluster refuses the second. Give each target a tag of its own, or none.',
  *check(manifest) {
    const first = new Map<string, string>()
    for (const target of trafficTargets(manifest)) {
      const tag = textField(target.value, 'tag')
      if (!tag) continue
      const path = [...target.path, 'tag']
      const earlier = first.get(tag)
      if (earlier === undefined) first.set(tag, quoted(path))
      else
        yield {
          message: `${quoted(path)} must not be ${JSON.stringify(tag)} as ${earlier} is already: "Multiple definitions for "${tag}""`,
          help: 'give each target a tag of its own, or none',
          path,
        }
    }
  },
}
