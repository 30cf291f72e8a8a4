import { member } from '../manifest/json.js'
import { quoted, textField } from './fields.js'
import { trafficTargets } from './parts.js'
import type { Rule } from './rule.js'

/** A target leads to a named revision or to the latest one, never to both or to neither. */
export const trafficLatest: Rule = {
  code: 'KN305',
  name: 'latest-revision-conflict',
  severity: 'error',
  title: 'latestRevision must agree with revisionName',
  source: 'pkg/apis/serving/v1/route_validation.go validateLatestRevision',
  why: () =>
    'A target either follows the newest ready revision or stays with a named one; a file that asks for both, or rules out both, is refused. Keep `revisionName`, or keep `latestRevision: true`.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const latest = member(target.value, 'latestRevision')
      const name = textField(target.value, 'revisionName')
      if (typeof latest !== 'boolean' || name === undefined || latest === (name === '')) continue
      const path = [...target.path, 'latestRevision']
      const found = latest ? `true beside revisionName ${JSON.stringify(name)}` : 'false without a revisionName'
      yield {
        message: `${quoted(path)} must not be ${found}: "may not set revisionName ${JSON.stringify(name)} when latestRevision is ${latest}"`,
        help: latest ? 'keep one of the two' : 'name the revision, or write `latestRevision: true`',
        path,
      }
    }
  },
}
