import { member } from '../manifest/json.js'
import { quoted } from './fields.js'
import type { Rule } from './rule.js'

const shapes = new Map([
  ['runLatest', 'move its `configuration.revisionTemplate` to `spec.template`, and leave `spec.traffic` out'],
  ['pinned', 'move its `configuration.revisionTemplate` to `spec.template`, and name its revision in `spec.traffic`'],
  [
    'release',
    'move its `configuration.revisionTemplate` to `spec.template`, and its `revisions` with `rolloutPercent` to `spec.traffic`',
  ],
  ['manual', 'write a Configuration and a Route instead, or a `spec.template`'],
])

/** How Services were written before `v1`. That the field is unknown is said elsewhere; here, what became of it. */
export const oldShape: Rule = {
  code: 'KN327',
  name: 'v1alpha1-field',
  severity: 'note',
  title: 'a field of v1alpha1 must become what v1 has for it',
  source: 'pkg/apis/serving/v1alpha1/service_types.go of releases that still had it',
  why: () =>
    'In its first API version a Service was described by modes such as `runLatest`, which no cluster reads any more. Write what is in there as `spec.template` and `spec.traffic`.',
  *check({ value }) {
    for (const [key, help] of shapes) {
      if ((member(value, 'spec', key) ?? null) === null) continue
      const path = ['spec', key]
      yield {
        message: `${quoted(path)} must become \`spec.template\` and \`spec.traffic\`: it is a shape of v1alpha1, which clusters no longer read`,
        help: key === 'manual' ? help : `${help}; \`container\` becomes \`spec.containers\` with one item`,
        path,
        part: 'key',
      }
    }
  },
}
