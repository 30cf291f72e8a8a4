import type { Manifest } from '../manifest/manifest.js'
import { thisService } from '../text/words.js'
import { member, numeral } from '../yaml/json.js'
import { qualifiedName } from './names.js'
import { filledTargets, isRoute, trafficTargets } from './places.js'
import { type Finding, quoted, type Rule, textField } from './rule.js'

/** The shares of all targets must add up to everything there is. An empty list means 100 % to the latest revision. */
const trafficSum: Rule = {
  code: 'KN301',
  name: 'traffic-sum',
  severity: 'error',
  title: 'Traffic percents do not add up to 100',
  source: 'pkg/apis/serving/v1/route_validation.go validateTrafficList',
  why: () =>
    'The shares say where each request goes, so none may be left over and none given away twice; the cluster refuses any other sum. An absent percent counts as 0: change the others until they add up.',
  *check(manifest) {
    const shares = trafficTargets(manifest).map(({ value }) => member(value, 'percent') ?? 0)
    // Only a Service has a latest revision that an empty list could lead to.
    if ((shares.length === 0 && !isRoute(manifest)) || !shares.every((share) => typeof share === 'number')) return
    const sum = shares.reduce((total, share) => total + share, 0)
    if (sum === 100) return
    const terms = shares.length < 2 ? `${sum}` : `${shares.join(' + ')} = ${sum}`
    yield {
      message: `the percents of \`spec.traffic\` must sum to 100, but are ${terms}: "Traffic targets sum to ${sum}, want 100"`,
      help: 'change the `percent` of the targets so that they add up; an absent one counts as 0',
      path: ['spec', 'traffic'],
      part: 'key',
    }
  },
}

/** A share of less than nothing or more than everything does not become right by another one that makes up for it. */
const trafficPercent: Rule = {
  code: 'KN302',
  name: 'percent-range',
  severity: 'error',
  title: 'Percent is not between 0 and 100',
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

/** A target leads to a named revision or to the latest one, never to both or to neither. */
const trafficLatest: Rule = {
  code: 'KN305',
  name: 'latest-revision-conflict',
  severity: 'error',
  title: '`latestRevision` contradicts `revisionName`',
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

/** A Service has one configuration, its own; only a bare Route chooses among several. */
const trafficConfiguration: Rule = {
  code: 'KN306',
  name: 'target-configuration',
  severity: 'error',
  title: 'Target sets `configurationName`, which only a Route can use',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'Only a Route chooses among configurations. A Service has exactly one of its own and the cluster refuses the field there: remove it, and name a revision if you mean one.',
  check: (manifest) => unset(manifest, 'configurationName', 'remove it and write `latestRevision: true` instead'),
}

/** The URL of a target is the cluster's to tell, in `status.traffic`. */
const trafficUrl: Rule = {
  code: 'KN307',
  name: 'target-url',
  severity: 'error',
  title: 'Target sets `url`, which only the cluster sets',
  source: 'pkg/apis/serving/v1/route_validation.go validateURL',
  why: () =>
    'The cluster works out the URL of each target and reports it in the status. A file that brings one, mostly by being copied from a live object, is refused: remove the field.',
  check: (manifest) =>
    unset(manifest, 'url', 'remove it: the cluster derives it from the tag and reports it in status'),
}

function* unset(manifest: Manifest, key: string, help: string): Iterable<Finding> {
  for (const target of trafficTargets(manifest)) {
    const found = textField(target.value, key)
    if (!found) continue
    const path = [...target.path, key]
    yield {
      message: `${quoted(path)} must not be set in a ${isRoute(manifest) ? 'Route' : 'Service'}, but is ${JSON.stringify(found)}: "must not set the field(s)"`,
      help,
      path,
    }
  }
}

/**
 * Looser than what a revision can be called: the cluster takes any qualified name here, and the route then waits for a
 * revision that cannot come.
 */
const trafficRevisionName: Rule = {
  code: 'KN308',
  name: 'target-revision-name',
  severity: 'error',
  title: '`revisionName` is not a valid name',
  source: 'pkg/apis/serving/v1/route_validation.go validateRevisionAndConfiguration',
  why: () =>
    'No revision can have such a name, so the cluster refuses the target before it looks for one. Write the name as `kubectl get revisions` lists it.',
  *check(manifest) {
    for (const target of trafficTargets(manifest)) {
      const name = textField(target.value, 'revisionName')
      const wrong = name && !textField(target.value, 'configurationName') ? qualifiedName(name) : undefined
      if (wrong === undefined) continue
      const path = [...target.path, 'revisionName']
      yield {
        message: `${quoted(path)} must be the name of a revision, but is ${JSON.stringify(name)}: "invalid key name "${name}"", "${wrong}"`,
        help: 'name a revision as `kubectl get revisions` lists it',
        path,
      }
    }
  },
}

/** Traffic that follows the latest revision moves with every change of the template, at once and for everybody. */
const unpinned: Rule = {
  code: 'KN315',
  name: 'unpinned-traffic',
  severity: 'warning',
  title: 'Traffic follows the latest revision',
  source: 'pkg/apis/serving/v1/route_defaults.go SetDefaults',
  why: () =>
    'Without named revisions the next change of the template moves all of the traffic by itself, as soon as it is ready. Pin the traffic first, with `kn-rollout apply pin`, so that each move is a commit of its own.',
  optional: true,
  *check(manifest) {
    const targets = filledTargets(manifest)
    const target = targets?.find(({ revision, percent }) => 'latest' in revision && percent > 0)
    if (!targets || (targets.length > 0 && !target)) return
    yield {
      message: target
        ? `\`spec.traffic[${target.origin ?? 0}]\` must name a revision, but gives ${target.percent} % to the latest one: the next change of the template moves that share by itself`
        : '`spec.traffic` must name the revision that serves, but is missing: the next change of the template moves all traffic by itself',
      help: `pin it: \`kn-rollout apply pin ${thisService} --stable REVISION\``,
      path: target ? ['spec', 'traffic', target.origin ?? 0] : ['spec', 'traffic'],
      part: 'key',
    }
  },
}

export const trafficRules: readonly Rule[] = [
  trafficSum,
  trafficPercent,
  trafficLatest,
  trafficConfiguration,
  trafficUrl,
  trafficRevisionName,
  unpinned,
]
